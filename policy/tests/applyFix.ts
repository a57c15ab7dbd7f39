/** What a person does with a finding: pastes the fix where the statement is. */
import type { Finding } from "../finding.ts";

type Json = Record<string, unknown>;

/**
 * The document with the fix in it: a statement or several in place of the one that is found, parts of one over those
 * that it has, `"Name": value` into the statement or document, a quoted action in place of the one that the message
 * quotes. Undefined for a fix that is advice.
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

function withParts(old: Json, { Condition: condition, ...parts }: Json): Json {
  if (condition === undefined) return { ...old, ...parts };
  const keys = Object.values(condition as Record<string, Json>).flatMap((values) => Object.keys(values));
  // What was said of these keys before is what was wrong.
  const kept = Object.entries((old.Condition ?? {}) as Record<string, Json>).map(([operator, values]) => [
    operator,
    Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key))),
  ]);
  const merged: Record<string, Json> = Object.fromEntries(kept);
  for (const [operator, values] of Object.entries(condition as Record<string, Json>))
    merged[operator] = { ...merged[operator], ...values };
  const left = Object.entries(merged).filter(([, values]) => Object.keys(values).length > 0);
  return { ...old, ...parts, Condition: Object.fromEntries(left) };
}

function withAction(old: Json, message: string, action: string): Json {
  const element = "Action" in old ? "Action" : "NotAction";
  const isQuoted = (pattern: unknown) => message.includes(JSON.stringify(pattern));
  return { ...old, [element]: [old[element]].flat().map((pattern) => (isQuoted(pattern) ? action : pattern)) };
}
