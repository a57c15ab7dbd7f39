/** Publishes that services make for themselves, as far as the topic's policy lets them. */
import { evaluate } from "@serverless-chat/iam";
import { deliver, type TopicPlace } from "./deliver.ts";
import type { Published, Topic } from "./topic.ts";

interface Publisher {
  /** `s3.amazonaws.com` */
  service: string;
  /** ARN of the bucket. */
  sourceArn: string;
}

/** A refusal is reported with the statement that would allow it. */
export function publishAsService(
  topic: Topic,
  { service, sourceArn }: Publisher,
  published: Published,
  place: TopicPlace,
): void {
  const { arn, policies } = topic;
  const decision = evaluate(
    {
      action: "sns:Publish",
      resource: arn,
      principal: { Service: service },
      context: { "aws:SourceArn": sourceArn, "aws:SourceAccount": place.accountId },
    },
    { resource: policies },
  );
  if (decision.allowed) {
    deliver(topic, published, place);
    return;
  }
  place.report({
    event: "denied",
    caller: service,
    action: "sns:Publish",
    resource: arn,
    why: "because the topic's policy does not allow it",
    fix: {
      Effect: "Allow",
      Principal: { Service: service },
      Action: "sns:Publish",
      Resource: arn,
      Condition: { ArnEquals: { "aws:SourceArn": sourceArn } },
    },
    notes: decision.notes,
  });
}
