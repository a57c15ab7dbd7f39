/** A topic of SNS: who hears what is published to it. */
import type { PolicyDocument } from "@serverless-chat/iam";

export interface Subscription {
  arn: string;
  /** `lambda` or `sqs`; the others hear nothing here. */
  protocol: string;
  /** ARN of the function or the queue. */
  endpoint: string;
  /** A queue gets the message itself, and not what SNS says of it. */
  isRaw: boolean;
  filter?: { scope: "MessageAttributes" | "MessageBody"; pattern: Record<string, unknown> };
}

export interface Topic {
  name: string;
  arn: string;
  policies: PolicyDocument[];
  /** By ARN. */
  subscriptions: Map<string, Subscription>;
}

export interface PublishedAttribute {
  /** `String`, `Number`, `Binary`, `String.Array`. */
  type: string;
  value: string;
}

export interface Published {
  id: string;
  message: string;
  subject?: string;
  attributes: Record<string, PublishedAttribute>;
}
