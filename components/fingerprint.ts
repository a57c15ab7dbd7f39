/** What tells whether resources are still what they were. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * All that a resource was made with and what AWS made of it, so that no argument is forgotten, not even one that a
 * transform has set. A deployment is a snapshot of that; a function's code is no part of it.
 */
export function settingsOf(resource: pulumi.Resource): pulumi.Output<object> {
  const { urn: _, ...settings } = resource as unknown as Record<string, unknown>;
  const outputs = Object.entries(settings)
    .filter(([, value]) => pulumi.Output.isInstance(value))
    .map(([name, value]): [string, pulumi.Output<unknown>] => [name, whenKnown(value as pulumi.Output<unknown>)]);
  return pulumi.all(Object.fromEntries(outputs.sort(([one], [other]) => (one < other ? -1 : 1))));
}

/**
 * A preview takes what a resource has no value for to be unknown, so that everything would seem to change. What is unknown
 * counts as absent: a value that was there before and isn't known now is a change all the same.
 */
function whenKnown(value: pulumi.Output<unknown>): pulumi.Output<unknown> {
  const { isKnown } = value as unknown as { isKnown: Promise<boolean> };
  return pulumi.output(isKnown.then((known) => (known ? value : undefined)));
}

/** A hash of these values, the same wherever it is taken. */
export function fingerprint(parts: pulumi.Input<unknown>[]): pulumi.Output<string> {
  return pulumi.all(parts).apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex"));
}
