/**
 * SQS at the AWS endpoint: the operations for sending, receiving and deleting messages.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Access } from "../access.ts";
import type { Caller } from "../identity/role.ts";
import { type Message, MessageTooLong, type Queue } from "../queues/queue.ts";
import type { Answer } from "./answer.ts";

type Request = Record<string, unknown>;

interface Place {
  access: Access;
  /** Queues by ARN. */
  queues: ReadonlyMap<string, Queue>;
  arnOf: (resource: string) => string;
}

/** An error with its name in the JSON protocol, and the older name that SDKs still show. */
class SqsError extends Error {
  override name = "SqsError";
  readonly type: string;
  readonly legacyCode: string;
  readonly status: number;

  constructor(type: string, legacyCode: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.legacyCode = legacyCode;
    this.status = status;
  }
}

type Operation = (queue: Queue, request: Request) => object | Promise<object>;

const OPERATIONS = new Map<string, Operation>([
  ["GetQueueUrl", ({ settings }) => ({ QueueUrl: settings.url })],
  ["GetQueueAttributes", getAttributes],
  ["SendMessage", send],
  ["ReceiveMessage", receive],
  ["DeleteMessage", deleteMessage],
  ["ChangeMessageVisibility", changeVisibility],
  ["SendMessageBatch", batchOf(send)],
  ["DeleteMessageBatch", batchOf(deleteMessage)],
  ["ChangeMessageVisibilityBatch", batchOf(changeVisibility)],
]);

export async function answerSqs(
  { operation, body, caller }: { operation: string; body: string; caller: Caller },
  { access, queues, arnOf }: Place,
): Promise<Answer> {
  try {
    const operate = OPERATIONS.get(operation);
    if (operate === undefined) {
      const served = [...OPERATIONS.keys()].join(", ");
      throw new SqsError("UnknownOperationException", "InvalidAction", `the local cloud serves ${served} of SQS's API`);
    }
    const request = parse(body);
    const field = operation === "GetQueueUrl" ? "QueueName" : "QueueUrl";
    const arn = arnOf(textOf(request, field).split("/").at(-1) as string);
    const queue = queues.get(arn);
    // Batches use the permission of the single operation.
    const refusal = access.refusal(caller, `sqs:${operation.replace(/Batch$/, "")}`, arn, {}, queue?.settings.policies);
    if (refusal !== undefined) throw new SqsError("AccessDeniedException", "AccessDenied", refusal, 403);
    if (queue === undefined) {
      const code = "AWS.SimpleQueueService.NonExistentQueue";
      throw new SqsError("QueueDoesNotExist", code, "The specified queue does not exist.");
    }
    return { status: 200, body: JSON.stringify(await operate(queue, request)) };
  } catch (error) {
    if (!(error instanceof SqsError)) throw error;
    const { type, legacyCode, status, message } = error;
    return {
      status,
      headers: { "x-amzn-query-error": `${legacyCode};Sender` },
      body: JSON.stringify({ __type: `com.amazonaws.sqs#${type}`, message }),
    };
  }
}

function getAttributes(queue: Queue, { AttributeNames }: Request): object {
  const { arn, visibilityTimeoutSeconds, delaySeconds, receiveWaitSeconds, maxMessageBytes } = queue.settings;
  const { visible, hidden } = queue.count();
  const attributes = {
    QueueArn: arn,
    ApproximateNumberOfMessages: visible,
    ApproximateNumberOfMessagesNotVisible: hidden,
    VisibilityTimeout: visibilityTimeoutSeconds,
    DelaySeconds: delaySeconds,
    ReceiveMessageWaitTimeSeconds: receiveWaitSeconds,
    MaximumMessageSize: maxMessageBytes,
  };
  return { Attributes: selected(texts(attributes), AttributeNames) };
}

function send(queue: Queue, request: Request): object {
  const body = textOf(request, "MessageBody");
  const attributes = (request.MessageAttributes ?? {}) as Message["attributes"];
  for (const [name, attribute] of Object.entries(attributes)) {
    if (typeof attribute?.DataType !== "string") throw invalid(`The message attribute "${name}" has no DataType.`);
  }
  try {
    const { id } = queue.send(body, attributes, numberOf(request, "DelaySeconds", queue.settings.delaySeconds, 0, 900));
    return { MessageId: id, MD5OfMessageBody: md5(body) };
  } catch (error) {
    if (!(error instanceof MessageTooLong)) throw error;
    throw invalid(error.message);
  }
}

async function receive(queue: Queue, request: Request): Promise<object> {
  const { visibilityTimeoutSeconds, receiveWaitSeconds } = queue.settings;
  const most = numberOf(request, "MaxNumberOfMessages", 1, 1, 10);
  const hiddenSeconds = numberOf(request, "VisibilityTimeout", visibilityTimeoutSeconds, 0, 43_200);
  const until = performance.now() + numberOf(request, "WaitTimeSeconds", receiveWaitSeconds, 0, 20) * 1000;
  let messages = queue.receive(most, hiddenSeconds);
  while (messages.length === 0 && performance.now() < until) {
    await sleep(LOOK_EVERY_MS, undefined, { ref: false });
    messages = queue.receive(most, hiddenSeconds);
  }
  if (messages.length === 0) return {};
  return { Messages: messages.map((message) => shown(message, request)) };
}

const LOOK_EVERY_MS = 50;

function shown(message: Message, request: Request): object {
  const system = {
    SentTimestamp: message.sentAt,
    ApproximateReceiveCount: message.receiveCount,
  };
  const Attributes = selected(texts(system), request.MessageSystemAttributeNames ?? request.AttributeNames);
  const MessageAttributes = selected(message.attributes, request.MessageAttributeNames);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(Object.keys(Attributes).length === 0 ? {} : { Attributes }),
    ...(Object.keys(MessageAttributes).length === 0 ? {} : { MessageAttributes }),
  };
}

function deleteMessage(queue: Queue, request: Request): object {
  queue.delete(textOf(request, "ReceiptHandle"));
  return {};
}

function changeVisibility(queue: Queue, request: Request): object {
  const seconds = numberOf(request, "VisibilityTimeout", Number.NaN, 0, 43_200);
  if (!queue.hide(textOf(request, "ReceiptHandle"), seconds)) {
    const code = "ReceiptHandleIsInvalid";
    throw new SqsError(code, code, "The input receipt handle is invalid.");
  }
  return {};
}

const MAX_BATCH = 10;

/** An operation for up to ten entries, each of which succeeds or fails on its own. */
function batchOf(operate: (queue: Queue, request: Request) => object): Operation {
  return (queue, { Entries }) => {
    const entries = (Array.isArray(Entries) ? Entries : []) as Request[];
    const ids = new Set(entries.map((entry) => textOf(entry, "Id")));
    const refuse = (code: string, message: string) => {
      throw new SqsError(code, `AWS.SimpleQueueService.${code}`, message);
    };
    if (entries.length === 0) refuse("EmptyBatchRequest", "There should be at least one entry in the request.");
    if (entries.length > MAX_BATCH) {
      const message = `Maximum number of entries per request are ${MAX_BATCH}. You have sent ${entries.length}.`;
      refuse("TooManyEntriesInBatchRequest", message);
    }
    if (ids.size < entries.length) refuse("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.");
    const [Successful, Failed]: [object[], object[]] = [[], []];
    for (const entry of entries) {
      try {
        Successful.push({ Id: entry.Id, ...operate(queue, entry) });
      } catch (error) {
        if (!(error instanceof SqsError)) throw error;
        Failed.push({ Id: entry.Id, Code: error.legacyCode, Message: error.message, SenderFault: true });
      }
    }
    return { Successful, Failed };
  };
}

/** The attributes that were requested by name, by prefix (`Error.*`) or as `All`. */
function selected<T>(attributes: Record<string, T>, names: unknown): Record<string, T> {
  const asked = Array.isArray(names) ? names.map(String) : [];
  const isAsked = (name: string) =>
    asked.some((one) => one === "All" || one === name || (one.endsWith(".*") && name.startsWith(one.slice(0, -2))));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isAsked(name)));
}

function texts(values: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

function parse(body: string): Request {
  try {
    const request = JSON.parse(body);
    if (typeof request === "object" && request !== null) return request;
  } catch {
    // The error below reports this.
  }
  throw new SqsError("SerializationException", "MalformedInput", "the body is not a JSON object");
}

function textOf(request: Request, field: string): string {
  const value = request[field];
  if (typeof value === "string" && value !== "") return value;
  throw new SqsError("MissingParameter", "MissingParameter", `The request must contain the parameter ${field}.`);
}

function numberOf(request: Request, field: string, otherwise: number, least: number, most: number): number {
  const value = request[field] ?? otherwise;
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw invalid(`Value ${JSON.stringify(value)} for parameter ${field} must be between ${least} and ${most}.`);
}

function invalid(message: string): SqsError {
  return new SqsError("InvalidParameterValue", "InvalidParameterValue", message);
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
