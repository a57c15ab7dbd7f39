/** Puts the fix of a finding into its document. */
import type { Finding } from "../finding.ts";

type Json = Record<string, unknown>;

/**
 * Returns the document with a fix applied. Whole statements replace the statement that has the finding, parts of a
 * statement replace that statement's own parts, `"Name": value` is added to the statement or document, and a quoted
 * action replaces the one that the message quotes. Undefined for a fix that is advice.
 *
 * @param document JSON text or an object
 */
export function pasted(document: unknown, { statement, fix, message }: Finding): Json | undefined {
  const root = structuredClone(typeof document === "string" ? JSON.parse(document) : document) as Json;
  const statements = [root.Statement].flat() as Json[];
  if (typeof fix === "string") {
    const lines = /^"\w+": /.test(fix) ? (JSON.parse(`{${fix}}`) as Json) : undefined;
    if (lines !== undefined && statement === undefined) return { ...root, ...lines };
    const old = statements[statement?.index ?? 0] as Json;
    if (lines !== undefined) return replaced([{ ...old, ...lines }]);
    return /^"\S+"$/.test(fix) ? replaced([withAction(old, message, JSON.parse(fix))]) : undefined;
  }
  if (statement === undefined) return undefined;
  const old = statements[statement.index] as Json;
  if (Array.isArray(fix)) return replaced(fix);
  return replaced(["Effect" in fix ? (fix as Json) : withParts(old, fix as Json)]);

  function replaced(by: Json[]): Json {
    return { ...root, Statement: statements.flatMap((other, i) => (i === statement?.index ? by : other)) };
  }
}

/** Merges parts into a statement. Conditions on the keys of the fix are replaced, because they were the problem. */
function withParts(old: Json, { Condition: condition, ...parts }: Json): Json {
  const { NotPrincipal: _, ...withoutPrincipal } = old;
  const kept = "Principal" in parts ? withoutPrincipal : old;
  if (condition === undefined) return { ...kept, ...parts };
  const keys = Object.values(condition as Record<string, Json>).flatMap((values) => Object.keys(values));
  const others = Object.entries((old.Condition ?? {}) as Record<string, Json>).map(
    ([operator, values]): [string, Json] => [
      operator,
      Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key))),
    ],
  );
  const merged = new Map(others);
  for (const [operator, values] of Object.entries(condition as Record<string, Json>))
    merged.set(operator, { ...merged.get(operator), ...values });
  const left = [...merged].filter(([, values]) => Object.keys(values).length > 0);
  return { ...kept, ...parts, Condition: Object.fromEntries(left) };
}

function withAction(old: Json, message: string, action: string): Json {
  const element = "Action" in old ? "Action" : "NotAction";
  const isQuoted = (pattern: unknown) => message.includes(JSON.stringify(pattern));
  return { ...old, [element]: [old[element]].flat().map((pattern) => (isQuoted(pattern) ? action : pattern)) };
}
