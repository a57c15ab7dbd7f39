/** Sends that services make for themselves, as far as the queue's policy lets them. */
import { evaluate } from "@serverless-chat/iam";
import type { Reporter } from "../report.ts";
import { type MessageAttribute, MessageTooLong, type Queue } from "./queue.ts";

interface Sender {
  /** `sns.amazonaws.com` */
  service: string;
  /** ARN of the topic or the rule. */
  sourceArn: string;
  accountId: string;
  report: Reporter;
}

/** A refusal is reported with the statement that would allow it. */
export function sendAsService(
  queue: Queue,
  { service, sourceArn, accountId, report }: Sender,
  body: string,
  attributes: Record<string, MessageAttribute> = {},
): void {
  const { arn, policies } = queue.settings;
  const decision = evaluate(
    {
      action: "sqs:SendMessage",
      resource: arn,
      principal: { Service: service },
      context: { "aws:SourceArn": sourceArn, "aws:SourceAccount": accountId },
    },
    { resource: policies },
  );
  if (!decision.allowed) {
    report({
      event: "denied",
      caller: service,
      action: "sqs:SendMessage",
      resource: arn,
      why: "because the queue's policy does not allow it",
      fix: {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sqs:SendMessage",
        Resource: arn,
        Condition: { ArnEquals: { "aws:SourceArn": sourceArn } },
      },
      notes: decision.notes,
    });
    return;
  }
  try {
    queue.send(body, attributes);
  } catch (error) {
    if (!(error instanceof MessageTooLong)) throw error;
    report({ event: "warning", message: `what ${service} sent to ${arn} is lost: ${error.message}` });
  }
}
