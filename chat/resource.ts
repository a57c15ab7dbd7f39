/**
 * The name of an AWS resource, with the operations that its holder may call on it in the type. A function's `Uses`
 * declares them, its role grants them, and code that calls one takes a resource that allows it: three places that
 * the compiler keeps equal.
 */
export type Resource<Operation extends string> = string & { readonly allows?: (operation: Operation) => void };

/**
 * Reads the name of a resource from the environment variable that the function's grant sets.
 *
 * @throws Error when the variable is missing: a function without it must not start
 */
export function resource<Uses extends Record<string, string>, Variable extends keyof Uses & string>(
  variable: Variable,
): Resource<Uses[Variable]> {
  const name = process.env[variable];
  if (!name) throw new Error(`the environment variable ${variable} is not set: the function's "uses" has to name it`);
  return name as Resource<Uses[Variable]>;
}
