import { parseFunction } from "@pulumi/pulumi/runtime/closure/parseFunction.js";
import { lookupCapturedVariableValueAsync } from "@pulumi/pulumi/runtime/closure/v8.js";

/** A function with any parameters and any result. */
export type AnyFunction = (...args: never[]) => unknown;

/**
 * Finds where a callback captures a value: the variable and the path from it, such as `settings.created`. Uses the
 * parser and inspector of Pulumi's serializer, which doesn't report this.
 *
 * @returns undefined if the value isn't found
 */
export async function nameOfCapture(callback: AnyFunction, value: unknown): Promise<string | undefined> {
  const seen = new Set<unknown>();
  const queue: { path: string; holder: AnyFunction | object }[] = [{ path: "", holder: callback }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (seen.has(next.holder)) continue;
    seen.add(next.holder);
    const members =
      typeof next.holder === "function"
        ? await capturedVariables(next.holder as AnyFunction)
        : // Reads descriptors, because getters must not run.
          Object.entries(Object.getOwnPropertyDescriptors(next.holder)).map(([key, { value }]): [string, unknown] => [
            key,
            value,
          ]);
    for (const [name, member] of members) {
      const path = next.path === "" || typeof next.holder === "function" ? name : `${next.path}.${name}`;
      if (member === value) return path;
      if (typeof member === "function" || (typeof member === "object" && member !== null)) {
        queue.push({ path, holder: member });
      }
    }
  }
  return undefined;
}

/** The values that a function captures, by variable name. */
export async function capturedVariables(callback: AnyFunction): Promise<[string, unknown][]> {
  const [, parsed] = parseFunction(Function.prototype.toString.call(callback));
  const names = [...(parsed?.capturedVariables.required.keys() ?? [])];
  return Promise.all(
    names.map(
      async (name): Promise<[string, unknown]> => [name, await lookupCapturedVariableValueAsync(callback, name, false)],
    ),
  );
}
