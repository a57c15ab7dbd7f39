import type { Redrive } from "../../queues/queue.ts";

/**
 * @param policy as a queue has it, in JSON
 * @throws Error as SQS says it against the policy
 */
export function redriveOf(policy: string): Redrive {
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy);
  const count = Number(maxReceiveCount);
  if (typeof deadLetterTargetArn !== "string" || !(count >= 1 && count <= 1000)) {
    throw new Error(`InvalidParameterValue: Value ${policy} for parameter RedrivePolicy is invalid.`);
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}
