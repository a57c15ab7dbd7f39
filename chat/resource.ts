/**
 * The name of an AWS resource, with the operations that its holder may call on it in the type. A function's `Uses`
 * declares them, its role grants them, and code that calls one takes a resource that allows it: three places that
 * the compiler keeps equal.
 */
export type Resource<Operation extends string> = string & { readonly allows?: (operation: Operation) => void };
