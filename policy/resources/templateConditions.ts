/** The conditions of CloudFormation templates, which decide between the branches of `Fn::If`. */

/** Whether each condition holds, by name. */
export type Choice = ReadonlyMap<string, boolean>;

/** Up to this number of conditions, every combination is checked. */
const MAX_COMBINED = 5;

/**
 * Returns choices that reach every branch of every `Fn::If` in a value. A deployment makes one of these choices, so a
 * grant in any branch counts. Conditions beyond MAX_COMBINED are only changed one at a time, because the number of
 * combinations doubles with each.
 */
export function choicesIn(value: unknown): Choice[] {
  const names = [...new Set(conditionsIn(value))];
  if (names.length > MAX_COMBINED) {
    const all = (holds: boolean) => names.map((name) => [name, holds] as const);
    const others = names.flatMap((name) => [true, false].map((holds) => new Map([...all(!holds), [name, holds]])));
    return [new Map(all(true)), new Map(all(false)), ...others];
  }
  return names.reduce<Choice[]>(
    (choices, name) => choices.flatMap((choice) => [true, false].map((holds) => new Map([...choice, [name, holds]]))),
    [new Map()],
  );
}

function conditionsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { "Fn::If": branches } = value as { "Fn::If"?: unknown };
  const own = Array.isArray(branches) && typeof branches[0] === "string" ? [branches[0]] : [];
  return [...own, ...Object.values(value).flatMap(conditionsIn)];
}
