/** One key of the configuration. Its type, default and description are also in Pulumi.yaml and README. */
export interface Setting<Value extends string | number | boolean> {
  /** Type of the value, as Pulumi.yaml names it. */
  type: "string" | "integer" | "boolean";
  /** An empty string means none. */
  default: Value;
  description: string;
  /** The allowed values in words, for errors and README. */
  allowed: string;
  /** @returns undefined for an invalid value */
  parse(text: string): Value | undefined;
}

export function text(fallback: string, pattern: RegExp, allowed: string, description: string): Setting<string> {
  const parse = (given: string) => (pattern.test(given) ? given : undefined);
  return { type: "string", default: fallback, description, allowed, parse };
}

export function wholeNumber(fallback: number, least: number, most: number, description: string): Setting<number> {
  const parse = (given: string) =>
    /^\d+$/.test(given) && Number(given) >= least && Number(given) <= most ? Number(given) : undefined;
  return { type: "integer", default: fallback, description, allowed: `a whole number from ${least} to ${most}`, parse };
}

export function oneOf<const Choice extends string | number>(
  fallback: Choice,
  choices: readonly Choice[],
  description: string,
): Setting<Choice> {
  const type = typeof fallback === "number" ? "integer" : "string";
  const parse = (given: string) => choices.find((choice) => String(choice) === given);
  return { type, default: fallback, description, allowed: `one of ${choices.join(", ")}`, parse };
}

export function flag(fallback: boolean, description: string): Setting<boolean> {
  const parse = (given: string) => [true, false].find((choice) => String(choice) === given);
  return { type: "boolean", default: fallback, description, allowed: "one of true, false", parse };
}
