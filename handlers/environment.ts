import type { Resource } from "../chat/resource";

/** A function's resources, by environment variable. */
export type Environment<Uses> = { readonly [Variable in keyof Uses]: Resource<Uses[Variable] & string> };

/**
 * Reads the resources that a function uses from its environment variables, which its grants set. A variable is read,
 * and must exist, when the result's property of that name is read.
 *
 * @throws Error if a variable is missing: a function without it must not start
 * @example const { MESSAGES_TABLE: messages } = environment<Uses>();
 */
export function environment<Uses extends Record<string, string>>(): Environment<Uses> {
  const read = (_: unknown, variable: string) => {
    const value = process.env[variable];
    if (value === undefined) {
      throw new Error(`the environment variable ${variable} is not set: the function's "uses" has to name it`);
    }
    return value;
  };
  return new Proxy({}, { get: read as never }) as Environment<Uses>;
}
