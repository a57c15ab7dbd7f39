import type { Statement } from "@serverless-chat/iam";

/** `high`: it gives away more than was meant. `medium`: it is wider than it needs to be. `low`: it is not well written. */
export type Severity = "high" | "medium" | "low";

/** What is wrong at one place. */
export interface Problem {
  statement?: Statement;
  /** One sentence. */
  message: string;
  /** The smaller statement, as it is to be pasted, or what to do instead. */
  fix: object | string;
}

export interface Finding extends Omit<Problem, "statement"> {
  rule: string;
  severity: Severity;
  /** Which one: by Sid, else by its place from 0. */
  statement?: { sid?: string; index: number };
}
