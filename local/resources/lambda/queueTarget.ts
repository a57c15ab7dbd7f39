import type { Draft } from "../../draft.ts";
import type { Caller } from "../../identity/role.ts";

/**
 * Checks the target of a function's failed events as Lambda does.
 *
 * @returns the ARN of the queue; undefined if there is no target, or one that the local cloud doesn't support
 * @throws Error naming the role, action and queue if the function's role isn't allowed to send to the queue
 */
export function queueTargetOf(draft: Draft, caller: Caller, targetArn: string | undefined): string | undefined {
  if (targetArn === undefined || targetArn === "") return undefined;
  if (!targetArn.startsWith("arn:aws:sqs:")) {
    const message = `events that ${caller.session} gives up on would go to ${targetArn}: the local cloud only supports SQS queues`;
    draft.report({ event: "warning", message });
    return undefined;
  }
  const queue = draft.queues.get(targetArn);
  if (draft.access.refusal(caller, "sqs:SendMessage", targetArn, {}, queue?.settings.policies) !== undefined) {
    throw new Error(
      "InvalidParameterValueException: The provided execution role does not have permissions to call SendMessage on SQS: " +
        `the role ${caller.role.name} of the function ${caller.session} needs sqs:SendMessage on ${targetArn} before the function is created`,
    );
  }
  if (queue === undefined) {
    const message = `the queue ${targetArn} is not part of this program: what ${caller.session} sends there is lost`;
    draft.report({ event: "warning", message });
  }
  return targetArn;
}
