/**
 * The name of an AWS resource. Its type lists the operations that code may call on the resource. A function's `Uses`
 * declares these operations, its role grants them, and code that calls an operation requires a resource that allows it:
 * the compiler keeps these three places consistent.
 */
export type Resource<Operation extends string> = string & { readonly allows?: (operation: Operation) => void };
