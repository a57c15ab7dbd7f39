import type * as pulumi from "@pulumi/pulumi";
import type { Grant } from "./grant";

/** A setting that a function reads from its environment. It grants nothing and must not be a secret. */
export function setting(value: pulumi.Input<string>): Grant<"setting"> {
  return { value, namedBy: "us", statements: [] };
}
