/**
 * SNS at the AWS endpoint: Publish, in the Query protocol. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
import { randomUUID } from "node:crypto";
import type { Caller } from "../identity/role.ts";
import { deliver, type TopicPlace } from "../topics/deliver.ts";
import type { PublishedAttribute, Topic } from "../topics/topic.ts";
import type { Answer } from "./answer.ts";

interface Place extends TopicPlace {
  /** Topics by ARN. */
  readonly topics: ReadonlyMap<string, Topic>;
}

const MAX_MESSAGE_BYTES = 262_144;

export function answerSns({ body, caller }: { body: string; caller: Caller }, place: Place): Answer {
  const request = new URLSearchParams(body);
  const operation = request.get("Action") ?? "";
  if (operation !== "Publish") {
    return fault(400, "InvalidAction", `the local cloud does not support ${operation} of SNS's API, only Publish`);
  }
  const arn = request.get("TopicArn") ?? request.get("TargetArn") ?? "";
  const message = request.get("Message") ?? "";
  const topic = place.topics.get(arn);
  const refusal = place.access.refusal(caller, "sns:Publish", arn, {}, topic?.policies);
  if (refusal !== undefined) return fault(403, "AuthorizationError", refusal);
  if (topic === undefined) return fault(404, "NotFound", "Topic does not exist");
  if (message === "") return fault(400, "InvalidParameter", "Invalid parameter: Empty message");
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) {
    return fault(400, "InvalidParameter", "Invalid parameter: Message too long");
  }
  const subject = request.get("Subject");
  const id = randomUUID();
  const published = { id, message, attributes: attributesOf(request), ...(subject === null ? {} : { subject }) };
  deliver(topic, published, place);
  return xml(
    200,
    `<PublishResponse xmlns="${NAMESPACE}"><PublishResult><MessageId>${id}</MessageId></PublishResult>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`,
  );
}

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";

/** Reads attributes from `MessageAttributes.entry.1.Name`, `….Value.DataType` and `….Value.StringValue`. */
function attributesOf(request: URLSearchParams): Record<string, PublishedAttribute> {
  const attributes = new Map<string, PublishedAttribute>();
  for (let i = 1; request.has(`MessageAttributes.entry.${i}.Name`); i++) {
    const field = (name: string) => request.get(`MessageAttributes.entry.${i}.${name}`);
    const value = field("Value.StringValue") ?? field("Value.BinaryValue") ?? "";
    attributes.set(field("Name") as string, { type: field("Value.DataType") ?? "String", value });
  }
  return Object.fromEntries(attributes);
}

function fault(status: number, code: string, message: string): Answer {
  return xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${escaped(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
}

function xml(status: number, body: string): Answer {
  return { status, headers: { "content-type": "text/xml" }, body };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
