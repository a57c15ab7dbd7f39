import { parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import { Queue } from "../../queues/queue.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";
import { redriveOf } from "./redriveOf.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, place: Place): Made {
  const queueName = inputs.name ?? `${name}${inputs.fifoQueue ? ".fifo" : ""}`;
  const url = `${place.sqsEndpoint}/${place.accountId}/${queueName}`;
  return { id: url, url, name: queueName, arn: place.arnOf("sqs", queueName) };
}

/** Creates the queue with the defaults of Pulumi's AWS provider: those of SQS, except for the maximum message size. */
export function serve({ id, inputs }: Resource, draft: Draft): void {
  const name = id.split("/").at(-1) as string;
  if (inputs.fifoQueue) {
    draft.report({ event: "warning", message: `the queue ${name} is a FIFO queue: it is served as a standard one` });
  }
  const arn = draft.arnOf("sqs", name);
  const settings = {
    name,
    arn,
    url: id,
    visibilityTimeoutSeconds: inputs.visibilityTimeoutSeconds ?? 30,
    delaySeconds: inputs.delaySeconds ?? 0,
    receiveWaitSeconds: inputs.receiveWaitTimeSeconds ?? 0,
    maxMessageBytes: inputs.maxMessageSize ?? 262_144,
    policies: inputs.policy === undefined ? [] : [parsePolicy(inputs.policy)],
    ...(inputs.redrivePolicy ? { redrive: redriveOf(inputs.redrivePolicy) } : {}),
  };
  draft.queues.set(arn, new Queue(settings, draft.clock, (target) => draft.liveQueue(target)));
}
