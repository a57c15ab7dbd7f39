/**
 * The input that a rule's target receives for an event.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */

export interface TargetInput {
  /** Constant JSON in place of the event. */
  input?: string;
  /** Path of a part of the event, such as `$.detail`. */
  inputPath?: string;
  transformer?: { paths: Record<string, string>; template: string };
}

/** @returns JSON, or the text of a template that isn't JSON */
export function inputOf({ input, inputPath, transformer }: TargetInput, event: object): string {
  if (input !== undefined) return input;
  if (inputPath !== undefined) return JSON.stringify(at(event, inputPath) ?? null);
  if (transformer === undefined) return JSON.stringify(event);
  const values = new Map(Object.entries(transformer.paths).map(([name, path]) => [name, at(event, path)]));
  let isInText = false;
  // A value becomes text inside quotes, and JSON outside of them.
  return transformer.template.replace(/\\.|"|<([\w.-]+)>/g, (match, name: string | undefined) => {
    if (match === '"') isInText = !isInText;
    if (name === undefined) return match;
    if (name === "aws.events.event.json") return JSON.stringify(event);
    const value = values.get(name);
    if (!isInText) return JSON.stringify(value ?? "");
    return typeof value === "string"
      ? JSON.stringify(value).slice(1, -1)
      : JSON.stringify(value ?? "").replace(/^""$/, "");
  });
}

/** Follows a path such as `$.detail.items[0]`, one index or name at a time. */
function at(event: object, path: string): unknown {
  const parts = path.match(/[^.[\]]+/g) ?? [];
  return parts.slice(1).reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Record<string, unknown>)[part];
  }, event);
}
