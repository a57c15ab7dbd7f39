/** Permissions of a function on a resource, and the environment variable that names the resource. */
import type * as pulumi from "@pulumi/pulumi";

/** A statement of an identity policy. */
export interface Statement {
  Sid?: string;
  Effect: "Allow";
  Action: string[];
  Resource: pulumi.Input<string> | pulumi.Input<string>[];
}

/**
 * Permission to call `Operation`s on one resource. The type is invariant in `Operation`: a grant of more, or fewer,
 * operations than the function declares does not compile.
 */
export interface Grant<Operation extends string> {
  /** Value of the environment variable: the name that the function's code uses for the resource. */
  value: pulumi.Input<string>;
  statements: Statement[];
  /**
   * Whether the stack or AWS names the resource. An ARN with a name chosen by AWS is unknown in the preview of a new
   * stack, and one unknown value hides the whole document, so statements with such ARNs go into a separate policy.
   */
  namedBy: "us" | "AWS";
  /** Never set: it only makes the type invariant. */
  readonly operations?: (operation: Operation) => Operation;
}

/** Operations that a function's code calls, by environment variable of the resource. */
export type Uses = Record<string, string>;

/** One grant for each use, with exactly its operations. */
export type GrantsFor<U> = { [Variable in keyof U]: Grant<U[Variable] & string> };
