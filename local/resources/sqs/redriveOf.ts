import type { Redrive } from "../../queues/queue.ts";

/**
 * @param policy a queue's redrive policy, in JSON
 * @throws Error with SQS's message if the policy is invalid
 */
export function redriveOf(policy: string): Redrive {
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy);
  const count = Number(maxReceiveCount);
  if (typeof deadLetterTargetArn !== "string" || !(count >= 1 && count <= 1000)) {
    throw new Error(`InvalidParameterValue: Value ${policy} for parameter RedrivePolicy is invalid.`);
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}
