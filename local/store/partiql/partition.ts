import type { Condition } from "./conditions.ts";
import type { Statement } from "./parse.ts";

/** Splits conditions into the key condition and the filter of a query; undefined if the whole table must be scanned. */
export function byPartition(
  { where, placeholders }: Statement,
  [partition, sort]: string[],
): { keys: Condition[]; rest: Condition[] } | undefined {
  const first = where.find(({ attribute, operator }) => attribute === partition && operator === "=");
  const second = where.find(
    ({ attribute, operator = "" }) =>
      attribute === sort && ["=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"].includes(operator),
  );
  if (first === undefined) return undefined;
  const keys = second === undefined ? [first] : [first, second];
  const rest = where.filter((condition) => !keys.includes(condition));
  // A query's filter can't use key attributes, but a scan's can.
  const names = [partition, sort].flatMap((name) => (name === undefined ? [] : [placeholders.path([name])]));
  const isOfKey = ({ text }: Condition) => names.some((name) => new RegExp(`(?<!\\.)${name}\\b`).test(text));
  return rest.some(isOfKey) ? undefined : { keys, rest };
}
