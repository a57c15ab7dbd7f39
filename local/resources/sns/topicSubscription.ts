import type { Draft } from "../../draft.ts";
import { parsePattern } from "../../eventBus/pattern.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { topicOf } from "./topicOf.ts";

export function outputs({ urn, inputs }: { urn: string; inputs: Inputs }): Made {
  const arn = `${inputs.topic}:${stableId(urn, LOWERCASE, 20)}`;
  return { id: arn, arn, pendingConfirmation: false };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  const { protocol, endpoint, filterPolicy, filterPolicyScope, rawMessageDelivery = false } = inputs;
  const topic = topicOf(draft, inputs.topic);
  if (protocol !== "lambda" && protocol !== "sqs") {
    draft.warnOnce(
      `the topic ${topic.name} has a subscription by ${protocol}: the local cloud only delivers to functions and queues`,
    );
  }
  const scope = filterPolicyScope === "MessageBody" ? "MessageBody" : "MessageAttributes";
  topic.subscriptions.set(id, {
    arn: id,
    protocol,
    endpoint,
    isRaw: rawMessageDelivery,
    ...(filterPolicy ? { filter: { scope, pattern: parsePattern(filterPolicy) } } : {}),
  });
}
