import type { Reporter } from "../report.ts";
import { type CallingService, serviceMayCall } from "../serviceAccess.ts";
import { type MessageAttribute, MessageTooLong, type Queue } from "./queue.ts";

interface Sender extends CallingService {
  report: Reporter;
}

/** Sends a message on behalf of a service, if the queue's policy allows it. */
export function sendAsService(
  queue: Queue,
  { report, ...caller }: Sender,
  body: string,
  attributes: Record<string, MessageAttribute> = {},
): void {
  const { arn, policies } = queue.settings;
  if (!serviceMayCall(caller, "sqs:SendMessage", { arn, kind: "queue", policies }, report)) return;
  try {
    queue.send(body, attributes);
  } catch (error) {
    if (!(error instanceof MessageTooLong)) throw error;
    report({
      event: "warning",
      message: `the message that ${caller.service} sent to ${arn} is lost: ${error.message}`,
    });
  }
}
