import type { PolicyDocument } from "@serverless-chat/iam";

export interface Role {
  arn: string;
  name: string;
  trust: PolicyDocument;
  /** Inline and attached policies, by a name of their own. */
  policies: Map<string, PolicyDocument>;
  boundary?: PolicyDocument;
}

/** A role, taken on by a function: its session is named after it. */
export interface Caller {
  role: Role;
  session: string;
}
