/** Reads a statement token by token. */
import type { Item } from "../dynalite.ts";
import { notWellFormed, type Token, tokensOf } from "./tokens.ts";

export class Reader {
  readonly #tokens: Token[];
  readonly #parameters: unknown[];
  #at = 0;
  #used = 0;

  /** @param parameters values of the question marks, in DynamoDB's format */
  constructor(statement: string, parameters: unknown[] = []) {
    this.#tokens = tokensOf(statement);
    this.#parameters = parameters;
  }

  /** Consumes these keywords and symbols if all of them come next, in this order. @returns whether they did */
  takes(...words: string[]): boolean {
    const matches = words.every((word, i) => {
      const token = this.#tokens[this.#at + i];
      if (token === undefined || token.kind === "string" || token.kind === "number") return false;
      return token.kind === "sign" ? token.text === word : !token.quoted && token.text.toUpperCase() === word;
    });
    if (matches) this.#at += words.length;
    return matches;
  }

  expect(...words: string[]): void {
    if (!this.takes(...words)) throw this.unexpected(words.join(" "));
  }

  unexpected(expected: string): Error {
    const next = this.#tokens[this.#at];
    return notWellFormed(`${expected} is expected${next === undefined ? " at the end" : `, and not "${next.text}"`}`);
  }

  /** @throws AwsError unless everything was read, including the parameters */
  end(): void {
    if (this.#at < this.#tokens.length) throw this.unexpected("the end");
    if (this.#used === this.#parameters.length) return;
    throw notWellFormed(`there are ${this.#parameters.length} parameters, and ${this.#used} question marks`);
  }

  name(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "name") throw this.unexpected("a name");
    this.#at += 1;
    return token.text;
  }

  /** Consumes a function name and its opening parenthesis, if they are next. */
  call(names: readonly string[]): string | undefined {
    const [name, open] = [this.#tokens[this.#at], this.#tokens[this.#at + 1]];
    if (name?.kind !== "name" || name.quoted || open?.text !== "(" || open.kind !== "sign") return undefined;
    const known = names.find((one) => one === name.text.toLowerCase());
    if (known !== undefined) this.#at += 2;
    return known;
  }

  /** Reads a path such as `a.b[0]."c d"` into its parts. */
  path(): (string | number)[] {
    const parts: (string | number)[] = [this.name()];
    for (;;) {
      if (this.takes(".")) parts.push(this.name());
      else if (this.takes("[")) {
        const token = this.#tokens[this.#at];
        if (token?.kind === "string") parts.push(token.text);
        else if (token?.kind === "number") parts.push(Number(token.text));
        else throw this.unexpected("an index");
        this.#at += 1;
        this.expect("]");
      } else return parts;
    }
  }

  /** Reads a value, in DynamoDB's format. If none is next, returns undefined and consumes nothing. */
  value(): unknown {
    const token = this.#tokens[this.#at];
    if (token?.kind === "string") return this.#advance({ S: token.text });
    if (token?.kind === "number") return this.#advance({ N: token.text });
    if (this.takes("?")) {
      const parameter = this.#parameters[this.#used];
      this.#used += 1;
      if (parameter !== undefined) return parameter;
      throw notWellFormed(`there are ${this.#parameters.length} parameters, and more question marks`);
    }
    if (this.takes("TRUE")) return { BOOL: true };
    if (this.takes("FALSE")) return { BOOL: false };
    if (this.takes("NULL")) return { NULL: true };
    if (this.takes("[")) return { L: this.list("]") };
    if (this.takes("{")) return { M: this.#map() };
    if (this.takes("<<")) return this.#set();
    return undefined;
  }

  /** Reads values up to a closing symbol. */
  list(close: string): unknown[] {
    const values: unknown[] = [];
    while (!this.takes(close)) {
      if (values.length > 0) this.expect(",");
      const value = this.value();
      if (value === undefined) throw this.unexpected("a value");
      values.push(value);
    }
    return values;
  }

  #map(): Item {
    const entries: [string, unknown][] = [];
    while (!this.takes("}")) {
      if (entries.length > 0) this.expect(",");
      const token = this.#tokens[this.#at];
      if (token?.kind !== "string" && token?.kind !== "name") throw this.unexpected("the name of an attribute");
      this.#at += 1;
      this.expect(":");
      const value = this.value();
      if (value === undefined) throw this.unexpected("a value");
      entries.push([token.text, value]);
    }
    return Object.fromEntries(entries);
  }

  #set(): Item {
    const values = this.list(">>") as Item[];
    const [type = ""] = Object.keys(values[0] ?? {});
    if (!["S", "N", "B"].includes(type) || values.some((value) => !(type in value))) {
      throw notWellFormed("the elements of a set must all be strings, all numbers, or all binary");
    }
    return { [`${type}S`]: values.map((value) => value[type]) };
  }

  #advance<T>(value: T): T {
    this.#at += 1;
    return value;
  }
}
