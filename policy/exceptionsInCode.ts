/** Exceptions that a program registers next to its resources; see accept.ts. */
import { type Exception, isComponent } from "./exceptions.ts";
import type { StackResource } from "./resources/resource.ts";

/** The type of the components that hold exceptions. */
export const EXCEPTION_TYPE = "least-privilege:index:Exception";

const REQUIRED = ["rule", "reason", "until"] as const;
const OPTIONAL = ["resource", "type", "statement"] as const;

/**
 * The exception that a component holds; undefined for any other resource.
 *
 * @throws Error naming the input that is missing or invalid
 */
export function exceptionIn({ type, name, props }: StackResource): Exception | undefined {
  if (type !== EXCEPTION_TYPE) return undefined;
  const textOf = (key: string) => {
    const value = props[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  for (const key of REQUIRED)
    if (textOf(key) === undefined)
      throw new Error(
        `the exception ${name} has no "${key}"; give it "rule", "reason" and "until", as text that is already known in a preview`,
      );
  const { until } = props;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(String(until)))
    throw new Error(
      `the exception ${name} has "until" set to "${until}"; write the last day as a date such as 2027-01-31`,
    );
  const given = [...REQUIRED, ...OPTIONAL].flatMap((key) => {
    const text = textOf(key);
    return text === undefined ? [] : [[key, text]];
  });
  const exception: Exception = Object.fromEntries(given);
  const { resource, type: of, ...others } = exception;
  // The exception of a component also covers its children.
  return resource !== undefined && of !== undefined && isComponent(of) ? { ...others, parent: resource } : exception;
}
