import type * as pulumi from "@pulumi/pulumi";
import type { Grant } from "./grant";

/** A value that a function reads from its environment and that gives no right to anything; no place for a secret. */
export function setting(value: pulumi.Input<string>): Grant<"setting"> {
  return { value, namedBy: "us", statements: [] };
}
