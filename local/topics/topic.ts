/** An SNS topic and its subscriptions. */
import type { PolicyDocument } from "@serverless-chat/iam";

export interface Subscription {
  arn: string;
  /** `lambda` or `sqs`; other protocols receive nothing here. */
  protocol: string;
  /** ARN of the function or the queue. */
  endpoint: string;
  /** Whether a queue gets the raw message, without SNS's envelope. */
  isRaw: boolean;
  filter?: { scope: "MessageAttributes" | "MessageBody"; pattern: Record<string, unknown> };
}

export interface Topic {
  name: string;
  arn: string;
  policies: PolicyDocument[];
  /** Subscriptions by ARN. */
  subscriptions: Map<string, Subscription>;
}

export interface PublishedAttribute {
  /** `String`, `Number`, `Binary` or `String.Array`. */
  type: string;
  value: string;
}

export interface Published {
  id: string;
  message: string;
  subject?: string;
  attributes: Record<string, PublishedAttribute>;
}
