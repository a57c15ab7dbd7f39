/** Detects whether resources have changed. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * Everything that a resource was created with and everything that AWS returned, so that no argument is forgotten, not
 * even one that a transform has set. An API Gateway deployment is a snapshot of these settings; a function's code isn't
 * part of it.
 */
export function settingsOf(resource: pulumi.Resource): pulumi.Output<object> {
  const { urn: _, ...settings } = resource as unknown as Record<string, unknown>;
  const outputs = Object.entries(settings)
    .filter(([, value]) => pulumi.Output.isInstance(value))
    .map(([name, value]): [string, pulumi.Output<unknown>] => [name, whenKnown(value as pulumi.Output<unknown>)]);
  return pulumi.all(Object.fromEntries(outputs.sort(([one], [other]) => (one < other ? -1 : 1))));
}

/**
 * During a preview, properties without a value are unknown, so everything would seem to change. Unknown values
 * therefore count as absent. A value that was known before and is unknown now still counts as a change.
 */
function whenKnown(value: pulumi.Output<unknown>): pulumi.Output<unknown> {
  const { isKnown } = value as unknown as { isKnown: Promise<boolean> };
  return pulumi.output(isKnown.then((known) => (known ? value : undefined)));
}

/** Hashes these values; the result is the same on every machine. */
export function fingerprint(parts: pulumi.Input<unknown>[]): pulumi.Output<string> {
  return pulumi.all(parts).apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex"));
}
