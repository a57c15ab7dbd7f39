/**
 * The AWS provider's answers to the engine, based on the local cloud's resource models: its checks, its replacements,
 * the outputs that it knows at each step, and AWS's errors.
 */
import { randomUUID } from "node:crypto";
import { MODELS } from "../../../local/resources/index.ts";
import { INVOKES } from "../../../local/resources/invokes.ts";
import type { Inputs, ResourceModel } from "../../../local/resources/model.ts";
import { awsPlace } from "../../../local/resources/place.ts";
import type { Account, Existing } from "./account.ts";
import { SCHEMAS } from "./schema.ts";

/** The encoding of a value that is unknown before the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Property in which the provider records the inputs that it filled in. */
const DEFAULTS = "__defaults";

export interface Difference {
  changed: string[];
  replaces: string[];
  deleteBeforeReplace: boolean;
}

export class StandIn {
  readonly #account: Account;
  #place = awsPlace(ACCOUNT_ID, "us-east-1");

  constructor(account: Account) {
    this.#account = account;
  }

  configure(region: string): void {
    this.#place = awsPlace(ACCOUNT_ID, region);
  }

  /**
   * Normalizes inputs, and fills in a name if the program doesn't choose one.
   *
   * @param olds inputs of the existing resource, empty for a new one
   *
   * @returns the inputs as the provider normalizes them
   */
  check(urn: string, olds: Inputs, news: Inputs): Inputs {
    const inputs: Inputs = { ...news };
    for (const [property, value] of Object.entries(news)) {
      if (/policy$/i.test(property) && typeof value === "object") inputs[property] = documentOf(value);
    }
    const { named } = schemaOf(urn);
    if (named === undefined || inputs[named] !== undefined) return { ...inputs, [DEFAULTS]: [] };
    const kept = olds[DEFAULTS]?.includes(named) ? olds[named] : undefined;
    return { ...inputs, [named]: kept ?? `${nameOf(urn)}-${randomUUID().slice(0, 7)}`, [DEFAULTS]: [named] };
  }

  diff(urn: string, olds: Inputs, news: Inputs): Difference {
    const { replaces, named } = schemaOf(urn);
    const properties = new Set([...Object.keys(olds), ...Object.keys(news)]);
    properties.delete(DEFAULTS);
    const changed = [...properties].filter((property) => canonical(olds[property]) !== canonical(news[property]));
    const replacing = replaces === "all" ? changed : changed.filter((property) => replaces.includes(property));
    return {
      changed,
      replaces: replacing,
      // A name that the program has chosen isn't free until the old resource is deleted.
      deleteBeforeReplace:
        replacing.length > 0 &&
        named !== undefined &&
        olds[named] === news[named] &&
        news[DEFAULTS]?.includes(named) !== true,
    };
  }

  /** Predicts the result of `create`, as far as it is known in advance. */
  async previewCreate(urn: string, inputs: Inputs): Promise<Inputs> {
    const { id: _, ...outputs } = await (await modelOf(urn)).outputs({ urn, name: nameOf(urn), inputs }, this.#place);
    return { ...mapValues(outputs, () => UNKNOWN), ...withoutDefaults(inputs) };
  }

  /** @throws Error with AWS's reason */
  async create(urn: string, inputs: Inputs): Promise<{ id: string; outputs: Inputs }> {
    // If AWS chooses the id, it is a new one for each resource.
    const seed = `${urn} ${randomUUID()}`;
    const made = await (await modelOf(urn)).outputs({ urn: seed, name: nameOf(urn), inputs }, this.#place);
    const { id, ...outputs } = made;
    const existing = this.#existing(urn, id, inputs, outputs);
    if (this.#account.has(existing.type, existing.key) && !OVERWRITTEN.has(existing.type)) {
      throw new Error(`AlreadyExists: there is a ${existing.type} ${id} in the account`);
    }
    this.#requireReferred(existing);
    this.#account.put(existing);
    return { id, outputs: { ...withoutDefaults(inputs), ...outputs } };
  }

  /** Adopts a resource that another engine created. */
  adopt(urn: string, id: string, inputs: Inputs, outputs: Inputs): void {
    this.#account.put(this.#existing(urn, id, inputs, outputs));
  }

  /** Predicts the outputs of an update. Those that the update doesn't affect keep their known values. */
  previewUpdate(outputs: Inputs, olds: Inputs, news: Inputs): Inputs {
    const made = Object.entries(outputs).filter(([property]) => !(property in olds));
    return { ...Object.fromEntries(made), ...withoutDefaults(news) };
  }

  /** @throws Error with AWS's reason */
  update(urn: string, id: string, outputs: Inputs, olds: Inputs, news: Inputs): Inputs {
    const updated = this.previewUpdate(outputs, olds, news);
    const existing = this.#existing(urn, id, news, updated);
    if (!this.#account.has(existing.type, existing.key))
      throw new Error(`NotFound: there is no ${existing.type} ${id}`);
    this.#requireReferred(existing);
    this.#account.put(existing);
    return updated;
  }

  exists(urn: string, id: string, inputs: Inputs): boolean {
    const { type, key } = this.#existing(urn, id, inputs, {});
    return this.#account.has(type, key);
  }

  /** @throws Error with AWS's reason */
  delete(urn: string, id: string, outputs: Inputs): void {
    const { type, key, names } = this.#existing(urn, id, outputs, outputs);
    const [property, value, refusal] = schemaOf(urn).protectedBy ?? [];
    if (property !== undefined && outputs[property] === value) throw new Error(`${refusal}: ${id}`);
    for (const [referring, { refersTo = {} }] of Object.entries(SCHEMAS)) {
      for (const [path, reference] of Object.entries(refersTo)) {
        if (reference.type !== type || reference.holds === undefined) continue;
        const holder = this.#account.all(referring).find(({ refersTo }) => names.includes(refersTo[path] ?? ""));
        if (holder !== undefined && outputs.forceDetachPolicies === true) {
          for (const held of this.#account.all(referring)) {
            if (names.includes(held.refersTo[path] ?? "")) this.#account.remove(referring, held.key);
          }
        } else if (holder !== undefined) throw new Error(`${reference.holds}: ${id} by ${holder.key}`);
      }
    }
    // Deleting a resource that is already gone succeeds.
    this.#account.remove(type, key);
  }

  /** @throws Error if the function is unknown */
  invoke(token: string, args: Inputs): Record<string, unknown> {
    const invoke = INVOKES[token];
    if (invoke === undefined) throw new Error(`the stand-in does not know the function ${token}`);
    return invoke(args, this.#place);
  }

  #existing(urn: string, id: string, inputs: Inputs, outputs: Inputs): Existing {
    const { within } = schemaOf(urn);
    return {
      type: typeOf(urn),
      key: within === undefined ? id : `${inputs[within]}/${id}`,
      names: [id, outputs.arn, outputs.name].filter((name) => typeof name === "string"),
      refersTo: Object.fromEntries(referencesOf(typeOf(urn), inputs).map(({ path, name }) => [path, name])),
    };
  }

  #requireReferred({ type, key, refersTo }: Existing): void {
    for (const [path, name] of Object.entries(refersTo)) {
      const reference = SCHEMAS[type]?.refersTo?.[path];
      if (reference === undefined) continue;
      if (this.#account.all(reference.type).some(({ names }) => names.includes(name))) continue;
      throw new Error(`NotFound: ${path} of ${type} ${key} is ${name}, and there is no such ${reference.type}`);
    }
  }
}

const ACCOUNT_ID = "123456789012";

/**
 * Types whose create call changes an existing resource instead of failing, such as PutRolePolicy, PutRule and
 * CreateQueue.
 */
const OVERWRITTEN = new Set([
  "aws:apigateway/account:Account",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  "aws:sqs/queue:Queue",
]);

/**
 * The resources that must exist before one with these inputs, each with the path that refers to it, its type and its
 * name.
 */
export function referencesOf(type: string, inputs: Inputs): { path: string; type: string; name: string }[] {
  return Object.entries(SCHEMAS[type]?.refersTo ?? {}).flatMap(([path, { type }]) => {
    const name = path.split(".").reduce<unknown>((within, key) => (within as Inputs | undefined)?.[key], inputs);
    return typeof name === "string" ? [{ path, type, name: name.replace(/^integrations\//, "") }] : [];
  });
}

/**
 * Treats a policy as the provider's bridge does: an object becomes JSON text, and all of it is unknown if any part is
 * (TransformJSONDocument of pulumi/pulumi-terraform-bridge).
 */
function documentOf(document: unknown): string {
  const text = JSON.stringify(document);
  return text.includes(UNKNOWN) ? UNKNOWN : text;
}

function modelOf(urn: string): Promise<ResourceModel> {
  const load = MODELS[typeOf(urn)];
  if (load === undefined) throw new Error(`local/resources/ does not know the type ${typeOf(urn)}`);
  return load();
}

function schemaOf(urn: string) {
  const schema = SCHEMAS[typeOf(urn)];
  if (schema === undefined) throw new Error(`tests/engine/standIn/schema.ts does not know the type ${typeOf(urn)}`);
  return schema;
}

/** The type in `urn:pulumi:stack::project::types of the parents$type::name`. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) as string;
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function withoutDefaults({ [DEFAULTS]: _, ...inputs }: Inputs): Inputs {
  return inputs;
}

/** A form of a value for comparison. As in the provider, archives are compared by their hash. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, member) => {
      if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
      if (typeof member.hash === "string") return { hash: member.hash };
      return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? ""
  );
}

function mapValues(record: Inputs, map: (value: unknown) => unknown): Inputs {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
