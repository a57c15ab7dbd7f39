/** Delivers a topic's messages. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
import type { Access } from "../access.ts";
import { matches } from "../eventBus/pattern.ts";
import type { AsynchronousInvocations } from "../functions/asynchronous.ts";
import type { LambdaFunction } from "../functions/function.ts";
import { functionNameOf } from "../gateway/invoke.ts";
import type { Queue } from "../queues/queue.ts";
import { sendAsService } from "../queues/serviceSend.ts";
import type { Reporter } from "../report.ts";
import type { Published, Subscription, Topic } from "./topic.ts";

export interface TopicPlace {
  readonly accountId: string;
  readonly report: Reporter;
  readonly access: Access;
  readonly asynchronous: AsynchronousInvocations;
  /** Functions by name. */
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  /** Queues by ARN. */
  readonly queues: ReadonlyMap<string, Queue>;
}

const SNS = "sns.amazonaws.com";

export function deliver(topic: Topic, published: Published, place: TopicPlace): void {
  for (const subscription of topic.subscriptions.values()) {
    if (!isWanted(subscription, published)) continue;
    if (subscription.protocol === "lambda") invoke(topic, subscription, published, place);
    else if (subscription.protocol === "sqs") send(topic, subscription, published, place);
  }
}

function isWanted({ filter }: Subscription, { message, attributes }: Published): boolean {
  if (filter === undefined) return true;
  // A message or an attribute that should be JSON and isn't matches no pattern.
  try {
    if (filter.scope === "MessageAttributes") {
      const values = Object.entries(attributes).map(([name, { type, value }]) => [name, filtered(type, value)]);
      return matches(filter.pattern, Object.fromEntries(values));
    }
    return matches(filter.pattern, JSON.parse(message));
  } catch {
    return false;
  }
}

function filtered(type: string, value: string): unknown {
  if (type === "Number") return Number(value);
  return type === "String.Array" ? JSON.parse(value) : value;
}

function invoke(topic: Topic, { arn, endpoint }: Subscription, published: Published, place: TopicPlace): void {
  const target = place.functions.get(functionNameOf(endpoint));
  if (target === undefined) return;
  const permissions = [...target.permissions.values()];
  if (!place.access.serviceMayInvoke(permissions, SNS, target.settings.arn, topic.arn)) return;
  const { Type, ...notification } = notificationOf(topic, published);
  const Sns = { Type, ...notification, Subject: published.subject ?? null };
  place.asynchronous.accept(
    target,
    JSON.stringify({
      Records: [{ EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: arn, Sns }],
    }),
  );
}

function send(topic: Topic, { endpoint, isRaw }: Subscription, published: Published, place: TopicPlace): void {
  const queue = place.queues.get(endpoint);
  if (queue === undefined) return;
  const sender = { service: SNS, sourceArn: topic.arn, ...place };
  if (!isRaw) {
    sendAsService(queue, sender, JSON.stringify(notificationOf(topic, published)));
    return;
  }
  const attributes = Object.entries(published.attributes).map(([name, { type, value }]) => [
    name,
    { DataType: type, ...(type === "Binary" ? { BinaryValue: value } : { StringValue: value }) },
  ]);
  sendAsService(queue, sender, published.message, Object.fromEntries(attributes));
}

function notificationOf({ arn }: Topic, { id, message, subject, attributes }: Published) {
  const shown = Object.entries(attributes).map(([name, { type, value }]) => [name, { Type: type, Value: value }]);
  return {
    Type: "Notification",
    MessageId: id,
    TopicArn: arn,
    ...(subject === undefined ? {} : { Subject: subject }),
    Message: message,
    Timestamp: new Date().toISOString(),
    // Messages aren't signed here.
    SignatureVersion: "1",
    Signature: "",
    SigningCertUrl: "",
    UnsubscribeUrl: "",
    ...(shown.length === 0 ? {} : { MessageAttributes: Object.fromEntries(shown) }),
  };
}
