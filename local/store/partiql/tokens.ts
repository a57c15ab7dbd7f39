/** The tokens of a PartiQL statement. */
import { awsError } from "../awsError.ts";

export type Token =
  /** A name; a quoted one is never a keyword. */
  | { kind: "name"; text: string; quoted: boolean }
  | { kind: "string"; text: string }
  | { kind: "number"; text: string }
  | { kind: "sign"; text: string };

const TOKEN =
  /\s*(?:(?<comment>--[^\n]*)|"(?<quoted>(?:[^"]|"")*)"|'(?<string>(?:[^']|'')*)'|(?<number>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?<name>[a-z_$][\w$]*)|(?<sign><<|>>|<>|!=|<=|>=|[=<>?,.:*+(){}[\]-]))/iy;

/** @throws AwsError for an invalid token */
export function tokensOf(statement: string): Token[] {
  const tokens: Token[] = [];
  const text = statement.trimEnd().replace(/;$/, "").trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) throw notWellFormed(`unexpected text at ${at}: ${text.slice(at, at + 20).trim()}`);
    const { quoted, string, number, name, sign } = groups;
    if (quoted !== undefined) tokens.push({ kind: "name", text: quoted.replaceAll('""', '"'), quoted: true });
    else if (string !== undefined) tokens.push({ kind: "string", text: string.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (name !== undefined) tokens.push({ kind: "name", text: name, quoted: false });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
  }
  return tokens;
}

export function notWellFormed(why: string): Error {
  return awsError("ValidationException", `Statement wasn't well formed, can't be processed: ${why}`);
}
