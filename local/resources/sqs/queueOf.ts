import type { Draft } from "../../draft.ts";
import type { Queue } from "../../queues/queue.ts";

/** @throws Error with SQS's message if there is no such queue */
export function queueOf(draft: Draft, queueUrl: string): Queue {
  const queue = draft.queues.get(draft.arnOf("sqs", queueUrl.split("/").at(-1) as string));
  if (queue === undefined)
    throw new Error("AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.");
  return queue;
}
