/** A statement's conditions, translated to DynamoDB's expression language. */
import type { Item } from "../dynalite.ts";
import type { Reader } from "./reader.ts";

/** One of several conditions, all of which must hold. */
export interface Condition {
  text: string;
  /** Set if the condition compares an attribute with values, and can thus be used to find a key. */
  attribute?: string;
  /** `=`, `<`, `<=`, `>`, `>=`, `BETWEEN` or `begins_with`. */
  operator?: string;
  values: unknown[];
}

const COMPARISONS = ["=", "<>", "!=", "<=", ">=", "<", ">"];
const FUNCTIONS = ["begins_with", "contains", "attribute_type"];

/** Collects the names and values of expressions, and gives each a placeholder. */
export class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, unknown>();

  path(parts: (string | number)[]): string {
    return parts
      .map((part, i) => (typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${this.#name(part)}`))
      .join("");
  }

  value(value: unknown): string {
    const placeholder = `:p${this.#values.size}`;
    this.#values.set(placeholder, value);
    return placeholder;
  }

  #name(name: string): string {
    const known = this.#names.get(name) ?? `#p${this.#names.size}`;
    this.#names.set(name, known);
    return known;
  }

  /** Returns only the placeholders used in the expressions, because DynamoDB refuses unused ones. */
  of(expressions: Record<string, string | undefined>): Item {
    const given = Object.entries(expressions).filter(([, text]) => text !== undefined && text !== "");
    const used = new Set(given.flatMap(([, text]) => text?.match(/[#:]p\d+/g) ?? []));
    const names = [...this.#names].filter(([, placeholder]) => used.has(placeholder)).map(([name, key]) => [key, name]);
    const values = [...this.#values].filter(([placeholder]) => used.has(placeholder));
    return {
      ...Object.fromEntries(given),
      ...(names.length === 0 ? {} : { ExpressionAttributeNames: Object.fromEntries(names) }),
      ...(values.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(values) }),
    };
  }
}

/** Parses the conditions after WHERE. @throws AwsError for an invalid condition */
export function conditionsIn(reader: Reader, placeholders: Placeholders): Condition[] {
  const alternatives = [conjunction(reader, placeholders)];
  while (reader.takes("OR")) alternatives.push(conjunction(reader, placeholders));
  const [only] = alternatives;
  if (only !== undefined && alternatives.length === 1) return only;
  return [{ text: `(${alternatives.map((all) => `(${allOf(all)})`).join(" OR ")})`, values: [] }];
}

export function allOf(conditions: Condition[]): string {
  return conditions.map(({ text }) => text).join(" AND ");
}

function conjunction(reader: Reader, placeholders: Placeholders): Condition[] {
  const conditions = term(reader, placeholders);
  while (reader.takes("AND")) conditions.push(...term(reader, placeholders));
  return conditions;
}

function term(reader: Reader, placeholders: Placeholders): Condition[] {
  if (reader.takes("NOT")) return [{ text: `NOT (${allOf(term(reader, placeholders))})`, values: [] }];
  if (!reader.takes("(")) return [comparison(reader, placeholders)];
  const inner = conditionsIn(reader, placeholders);
  reader.expect(")");
  return inner;
}

interface Operand {
  text: string;
  attribute?: string;
  value?: unknown;
}

function comparison(reader: Reader, placeholders: Placeholders): Condition {
  const name = reader.call(FUNCTIONS);
  if (name !== undefined) {
    const subject = operand(reader, placeholders);
    reader.expect(",");
    const argument = operand(reader, placeholders);
    reader.expect(")");
    return condition(name, subject, [argument], `${name}(${subject.text}, ${argument.text})`);
  }
  const left = operand(reader, placeholders);
  if (reader.takes("IS")) {
    const not = reader.takes("NOT");
    if (reader.takes("MISSING")) return { text: `attribute_${not ? "" : "not_"}exists(${left.text})`, values: [] };
    reader.expect("NULL");
    const isNull = `attribute_type(${left.text}, ${placeholders.value({ S: "NULL" })})`;
    return { text: not ? `NOT ${isNull}` : isNull, values: [] };
  }
  if (reader.takes("BETWEEN")) {
    const from = operand(reader, placeholders);
    reader.expect("AND");
    const to = operand(reader, placeholders);
    return condition("BETWEEN", left, [from, to], `${left.text} BETWEEN ${from.text} AND ${to.text}`);
  }
  if (reader.takes("IN")) {
    const close = reader.takes("(") ? ")" : "]";
    if (close === "]") reader.expect("[");
    const values = reader.list(close).map((value) => placeholders.value(value));
    return { text: `${left.text} IN (${values.join(", ")})`, values: [] };
  }
  const operator = COMPARISONS.find((sign) => reader.takes(sign));
  if (operator === undefined) throw reader.unexpected("a comparison");
  const right = operand(reader, placeholders);
  return condition(operator, left, [right], `${left.text} ${operator === "!=" ? "<>" : operator} ${right.text}`);
}

function condition(operator: string, { attribute }: Operand, others: Operand[], text: string): Condition {
  const values = others.map(({ value }) => value);
  if (attribute === undefined || values.includes(undefined)) return { text, values: [] };
  return { text, attribute, operator, values };
}

export function operand(reader: Reader, placeholders: Placeholders): Operand {
  const value = reader.value();
  if (value !== undefined) return { text: placeholders.value(value), value };
  if (reader.call(["size"]) !== undefined) {
    const text = `size(${placeholders.path(reader.path())})`;
    reader.expect(")");
    return { text };
  }
  const path = reader.path();
  const [first] = path;
  return {
    text: placeholders.path(path),
    ...(path.length === 1 && typeof first === "string" ? { attribute: first } : {}),
  };
}
