/** What tells whether resources are still what they were. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * All that a resource was made with and what AWS made of it, so that no argument is forgotten, not even one that a
 * transform has set. A deployment is a snapshot of that; a function's code is no part of it.
 */
export function settingsOf(resource: pulumi.Resource): pulumi.Output<object> {
  const { urn: _, ...settings } = resource as unknown as Record<string, unknown>;
  const outputs = Object.entries(settings).filter(([, value]) => pulumi.Output.isInstance(value));
  // In a preview, what isn't set is unknown, and in an update undefined, which the hash doesn't see either. Of a resource
  // that will be another one, the id is unknown.
  const set = outputs.map(async ([key, value]) => {
    const isKept = key === "id" || (await (value as unknown as { isKnown: Promise<boolean> }).isKnown);
    return isKept ? [[key, value] as const] : [];
  });
  return pulumi
    .output(Promise.all(set).then((kept) => kept.flat().map(([key]) => key)))
    .apply((keys) => pulumi.all(Object.fromEntries(keys.sort().map((key) => [key, settings[key]]))));
}

/** A hash of these values, the same wherever it is taken. */
export function fingerprint(parts: pulumi.Input<unknown>[]): pulumi.Output<string> {
  return pulumi.all(parts).apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex"));
}
