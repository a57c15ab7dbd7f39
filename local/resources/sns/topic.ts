import { parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, place: Place): Made {
  const topicName = inputs.name ?? `${name}${inputs.fifoTopic ? ".fifo" : ""}`;
  const arn = place.arnOf("sns", topicName);
  return { id: arn, arn, name: topicName, owner: place.accountId };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  const name = id.split(":").at(-1) as string;
  if (inputs.fifoTopic) {
    draft.report({ event: "warning", message: `the topic ${name} is a FIFO topic: it is served as a standard one` });
  }
  const policies = inputs.policy === undefined ? [] : [parsePolicy(inputs.policy)];
  draft.topics.set(id, { name, arn: id, policies, subscriptions: new Map() });
}
