/** Values that aren't known until the resources that they come from exist. */
import { SOME_ARN } from "../document/scope.ts";

/** Stands for a value that isn't known yet. */
export const UNKNOWN = Symbol("unknown until the update");

/** Whether a value as a whole is unknown. */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** Whether a value or a part of it is unknown. */
export function hasUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}

/** Replaces unknown values in a document with an ARN, so that its statements can be checked. */
export function withSomeArns(value: unknown): unknown {
  if (isUnknown(value)) return SOME_ARN;
  if (Array.isArray(value)) return value.map(withSomeArns);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSomeArns(inner)]));
}
