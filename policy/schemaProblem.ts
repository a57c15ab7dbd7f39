import type { Schema } from "./settingsSchema.ts";

/**
 * Returns the first way in which a value doesn't follow a schema; undefined if it follows it.
 *
 * @param path names the value in the message, such as `exceptions[0]`
 */
export function schemaProblem(schema: Schema, value: unknown, path: string): string | undefined {
  const { type, minLength = 0, pattern = "", enum: values } = schema;
  const isRight =
    (type === undefined || type === typeOf(value)) &&
    (typeof value !== "string" || (value.length >= minLength && new RegExp(pattern).test(value))) &&
    (values === undefined || values.some((one) => one === value));
  if (!isRight) return `${path} is ${JSON.stringify(value)}; it must be ${expected(schema)}`;
  if (Array.isArray(value))
    return firstOf(value, (item, i) => schemaProblem(schema.items ?? {}, item, `${path}[${i}]`));
  return typeOf(value) === "object" ? keyProblem(schema, value as Record<string, unknown>, path) : undefined;
}

function keyProblem(schema: Schema, value: Record<string, unknown>, path: string): string | undefined {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const schemas = new Map(Object.entries(properties));
  // An undefined property is the same as one that isn't there.
  const given = new Map(Object.entries(value).filter(([, inner]) => inner !== undefined));
  const missing = required.find((key) => !given.has(key));
  if (missing !== undefined)
    return `${path}.${missing} is missing in ${JSON.stringify(value)}; it must be ${expected(schemas.get(missing) ?? {})}`;
  return firstOf([...given], ([key, inner]) => {
    const own = schemas.get(key);
    if (own !== undefined) return schemaProblem(own, inner, `${path}.${key}`);
    if (additionalProperties) return undefined;
    return `${path}.${key} is ${JSON.stringify(inner)}, but there is no such key; use ${[...schemas.keys()].join(", ")}`;
  });
}

function expected({ description, enum: values, type = "string" }: Schema): string {
  if (values !== undefined) return `one of ${values.join(", ")}`;
  return description ?? { string: "text", object: "an object", array: "a list" }[type];
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function firstOf<T>(items: T[], problemOf: (item: T, index: number) => string | undefined): string | undefined {
  for (const [i, item] of items.entries()) {
    const problem = problemOf(item, i);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
