/** Every AWS action: how much it may do, on which types of resources, under which condition keys. */
import { readFileSync } from "node:fs";
import { matchesAction } from "./match.ts";

export type AccessLevel = "list" | "read" | "write" | "tagging" | "permissions";

/** A line of the catalog's file, after the service's prefix. */
export interface ServiceEntry {
  /** By name: level, types of resources, condition keys. */
  actions: Record<string, [AccessLevel, string[], string[]]>;
  /** By type: ARN with `${Variables}`, condition keys. */
  resources: Record<string, [string, string[]]>;
}

export interface Action {
  /** `dynamodb:PutItem`, as AWS writes it. */
  name: string;
  level: AccessLevel;
  /** None where an action has no resource of its own: then only `*` can stand as Resource. */
  resources: ResourceType[];
  /** Those of the action and of its resources; global ones are not listed. */
  conditionKeys: string[];
}

export interface ResourceType {
  name: string;
  /** @example "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}" */
  arn: string;
  conditionKeys: string[];
}

/** Read at first sight of a service: few documents are about more than a handful of 450. */
export class Catalog {
  /** The lines, by prefix. */
  readonly #lines: Map<string, string>;
  /** By prefix; actions by name in lower case. */
  readonly #services = new Map<string, Map<string, Action>>();

  /** By prefix. */
  readonly #templates = new Map<string, string[]>();
  /** By pattern, what it names: the same few stand in most documents. */
  readonly #matching = new Map<string, Action[]>();

  /** @param file that `buildCatalog.ts` makes */
  constructor(file: string | URL) {
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    this.#lines = new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line]));
  }

  get services(): string[] {
    return [...this.#lines.keys()];
  }

  hasService(prefix: string): boolean {
    return this.#lines.has(prefix.toLowerCase());
  }

  /** @param name in any case, such as `s3:getobject` */
  action(name: string): Action | undefined {
    const [prefix = "", action = ""] = name.toLowerCase().split(":");
    return this.#actionsOf(prefix).get(action);
  }

  /** The actions that a pattern of a policy names, such as `s3:Get*` or `*`. */
  matching(pattern: string): Action[] {
    const known = this.#matching.get(pattern);
    if (known !== undefined) return known;
    const actions = this.#match(pattern);
    this.#matching.set(pattern, actions);
    return actions;
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
    const { actions, resources }: ServiceEntry =
      line === undefined ? { actions: {}, resources: {} } : JSON.parse(line.slice(prefix.length + 1));
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
