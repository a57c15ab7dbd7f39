import type { ResourceOptions } from "@pulumi/pulumi";

/** A finding that a program accepts. */
export interface AcceptedFinding {
  /** Id of the rule, such as `public-principal`. */
  rule: string;
  /** Why the finding is acceptable. */
  reason: string;
  /** Last day on which it is accepted, in UTC, such as `2027-01-31`. */
  until: string;
  /** Sid or hash of the statement, as findings show it; if undefined, every statement of the resource. */
  statement?: string;
}

/** Returns resource options that accept findings of the resource, or of a component and its children. */
export declare function accept<Options extends ResourceOptions>(
  findings: AcceptedFinding | AcceptedFinding[],
  options?: Options,
): Options;
