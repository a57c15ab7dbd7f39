import type { AccessLevel, Statement } from "@serverless-chat/iam";
import type { KnownUse } from "./fixes/narrowStatement.ts";
import type { StackResource } from "./resources/resource.ts";

/** `high`: grants more than intended. `medium`: wider than necessary. `low`: a mistake in the text of the policy. */
export type Severity = "high" | "medium" | "low";

/** A problem that a rule found in one place. */
export interface Problem {
  /** The statement that has the problem; undefined for a problem with the whole document or resource. */
  statement?: Statement;
  /** One sentence without a final period. */
  message: string;
  /** Replaces the rule's severity. */
  severity?: Severity;
  /** Property path of what has the problem, if it isn't a document of its own. */
  path?: string;
  /** A narrower statement or inputs of the resource to paste, or advice as text. */
  fix: object | string;
}

/** A problem together with the rule that found it. */
export interface Finding extends Omit<Problem, "statement" | "severity" | "path"> {
  rule: string;
  severity: Severity;
  /** The highest access that the statement's actions allow; undefined for a problem that isn't about a grant. */
  access?: AccessLevel;
  /** Hash of the statement's content without its Sid, or of the message for a problem without a statement. */
  hash: string;
  /** Number of statements with the same problem, if they are reported together. */
  count?: number;
  /** The statement's Sid, if it has one, and its index in the document, from 0. */
  statement?: { sid?: string; index: number };
}

/** A finding in a resource of a stack. */
export interface ResourceFinding extends Finding {
  resource: StackResource;
  /** Property path of the document, such as `inlinePolicies[0].policy`. */
  path?: string;
  /**
   * Returns a text that replaces the whole document, if it has several findings. Undefined for a document that IAM
   * would reject.
   */
  finalText?: (use?: KnownUse) => object | undefined;
}
