import type { PolicyDocument } from "@serverless-chat/iam";

export interface Role {
  arn: string;
  name: string;
  trust: PolicyDocument;
  /** Inline and attached policies by name. */
  policies: Map<string, PolicyDocument>;
  boundary?: PolicyDocument;
}

/** The session of a role that makes a call. A function's session is named after the function. */
export interface Caller {
  role: Role;
  session: string;
}
