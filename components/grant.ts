/** What a function may do with a resource, and the environment variable that names the resource to it. */
import type * as pulumi from "@pulumi/pulumi";

/** A statement of an identity policy. */
export interface Statement {
  Sid?: string;
  Effect: "Allow";
  Action: string[];
  Resource: pulumi.Input<string> | pulumi.Input<string>[];
}

/**
 * The right to call `Operation`s on one resource. The type is invariant in `Operation`: a grant of more than the
 * function declares does not compile, a grant of less neither.
 */
export interface Grant<Operation extends string> {
  /** Value of the environment variable: how the function's code names the resource. */
  value: pulumi.Input<string>;
  statements: Statement[];
  /**
   * Whether the stack or AWS names the resource. An ARN with a name by AWS is unknown while a new stack is previewed, and
   * one unknown hides a whole document; so such statements go into a policy of their own.
   */
  namedBy: "us" | "AWS";
  /** Exists in the type only. */
  readonly operations?: (operation: Operation) => Operation;
}

/** Operations that a function's code calls, by the environment variable that names the resource. */
export type Uses = Record<string, string>;

/** One grant for each use, with the same operations. */
export type GrantsFor<U> = { [Variable in keyof U]: Grant<U[Variable] & string> };
