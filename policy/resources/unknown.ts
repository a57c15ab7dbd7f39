/** Values that are not known before the resources that they come from exist. */
import { SOME_ARN } from "../document/scope.ts";

/** Stands for one of them. */
export const UNKNOWN = Symbol("unknown until the update");

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** Whether a part of a value is unknown. */
export function hasUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}

/** A document with unknown ARNs as some ARN: its actions and its shape can be examined. */
export function withSomeArns(value: unknown): unknown {
  if (isUnknown(value)) return SOME_ARN;
  if (Array.isArray(value)) return value.map(withSomeArns);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSomeArns(inner)]));
}
