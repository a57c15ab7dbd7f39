/** Every AWS action with its access level, resource types and condition keys. */
import { readFileSync } from "node:fs";
import { matchesAction } from "./match.ts";

export type AccessLevel = "list" | "read" | "write" | "tagging" | "permissions";

/** Prefix of the line with the global condition keys in the catalog's file. */
export const GLOBAL_KEYS = "aws:";

/** A line of the catalog's file, after the service's prefix. */
export interface ServiceEntry {
  /** By action name: access level, resource types, condition keys. */
  actions: Record<string, [AccessLevel, string[], string[]]>;
  /** By resource type: ARN with `${Variables}`, condition keys. */
  resources: Record<string, [string, string[]]>;
  /** All keys of the service, including those that belong to no action. */
  conditionKeys: string[];
}

export interface Action {
  /** Name as AWS spells it, such as `dynamodb:PutItem`. */
  name: string;
  level: AccessLevel;
  /** Empty for an action that supports no resource-level permissions: it can only be allowed on `*`. */
  resources: ResourceType[];
  /** Keys of the action and of its resource types, excluding the global ones. */
  conditionKeys: string[];
}

export interface ResourceType {
  name: string;
  /** @example "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}" */
  arn: string;
  conditionKeys: string[];
}

/**
 * All actions of AWS. A service's line is parsed when it is first needed, because most documents name only a few of the
 * 450 services.
 *
 * @example
 * const catalog = new Catalog("catalog.jsonl");
 * catalog.action("s3:getobject")?.level; // "read"
 * catalog.matching("dynamodb:Batch*").map(({ name }) => name); // ["dynamodb:BatchGetItem", …]
 */
export class Catalog {
  /** Condition keys that every service supports, such as `aws:SourceIp`. */
  readonly globalConditionKeys: string[];
  /** Unparsed lines by service prefix. */
  readonly #lines: Map<string, string>;
  /** Actions by service prefix, then by lowercase name. */
  readonly #services = new Map<string, Map<string, Action>>();
  readonly #conditionKeys = new Map<string, string[]>();
  readonly #templates = new Map<string, string[]>();
  /** Matching actions by pattern, cached because most documents use the same few patterns. */
  readonly #matching = new Map<string, Action[]>();

  /** @param file written by `buildCatalog.ts` */
  constructor(file: string | URL) {
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const [globalKeys = "", ...services] = lines;
    this.globalConditionKeys = JSON.parse(globalKeys.slice(GLOBAL_KEYS.length + 1));
    this.#lines = new Map(services.map((line) => [line.slice(0, line.indexOf(" ")), line]));
  }

  get services(): string[] {
    return [...this.#lines.keys()];
  }

  hasService(prefix: string): boolean {
    return this.#lines.has(prefix.toLowerCase());
  }

  /** @param name in upper, lower or mixed case, such as `s3:getobject` */
  action(name: string): Action | undefined {
    const [prefix = "", action = ""] = name.toLowerCase().split(":");
    return this.#actionsOf(prefix).get(action);
  }

  /** Actions that a policy's pattern matches, such as `s3:Get*` or `*`. */
  matching(pattern: string): Action[] {
    const known = this.#matching.get(pattern);
    if (known !== undefined) return known;
    const actions = this.#match(pattern);
    this.#matching.set(pattern, actions);
    return actions;
  }

  /** Actions that at least one of several patterns matches. */
  matchingAny(patterns: string[]): Action[] {
    const [first = "", ...others] = patterns;
    // The cached list isn't copied, because `*` matches 22,000 actions.
    if (others.length === 0) return this.matching(first);
    return [...new Set(patterns.flatMap((pattern) => this.matching(pattern)))];
  }

  #match(pattern: string): Action[] {
    const colon = pattern.indexOf(":");
    const prefix = colon === -1 ? pattern : pattern.slice(0, colon);
    const services = /[*?]/.test(prefix) ? this.services.filter((service) => matchesAction(prefix, service)) : [prefix];
    const name = colon === -1 ? "*" : pattern.slice(colon + 1);
    return services.flatMap((service) => {
      const actions = this.#actionsOf(service.toLowerCase());
      if (!/[*?]/.test(name)) return actions.get(name.toLowerCase()) ?? [];
      return [...actions].flatMap(([key, action]) => (matchesAction(name, key) ? action : []));
    });
  }

  /** Condition keys of a service, such as `s3:prefix` and `s3:ExistingObjectTag/<key>`. */
  conditionKeysOf(prefix: string): string[] {
    this.#actionsOf(prefix);
    return this.#conditionKeys.get(prefix) ?? [];
  }

  /** ARNs of a service's resources, with `${Variables}`. */
  templatesOf(prefix: string): string[] {
    const known = this.#templates.get(prefix);
    if (known !== undefined) return known;
    const types = [...this.#actionsOf(prefix).values()].flatMap(({ resources }) => resources);
    const templates = [...new Set(types.map(({ arn }) => arn))];
    this.#templates.set(prefix, templates);
    return templates;
  }

  #actionsOf(prefix: string): Map<string, Action> {
    const known = this.#services.get(prefix);
    if (known !== undefined) return known;
    const line = this.#lines.get(prefix);
    const { actions, resources, conditionKeys }: ServiceEntry =
      line === undefined
        ? { actions: {}, resources: {}, conditionKeys: [] }
        : JSON.parse(line.slice(prefix.length + 1));
    this.#conditionKeys.set(prefix, conditionKeys);
    const types = new Map(
      Object.entries(resources).map(([name, [arn, conditionKeys]]) => [name, { name, arn, conditionKeys }]),
    );
    const read = new Map(
      Object.entries(actions).map(([name, [level, resourceTypes, conditionKeys]]) => [
        name.toLowerCase(),
        {
          name: `${prefix}:${name}`,
          level,
          resources: resourceTypes.flatMap((type) => types.get(type) ?? []),
          conditionKeys,
        },
      ]),
    );
    this.#services.set(prefix, read);
    return read;
  }
}
