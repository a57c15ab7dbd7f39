/** Exceptions that a configuration makes: for a resource, with a reason, for a time. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import type { StackResource } from "../resources/resource.ts";

export interface Exception {
  /** The resource's name in the program, or its URN. */
  resource: string;
  reason: string;
  /** The last day on which it holds, as 2027-01-31. */
  until: string;
}

export const EXCEPTIONS_SCHEMA: PolicyConfigSchema["properties"] = {
  exceptions: {
    type: "array",
    items: {
      type: "object",
      required: ["resource", "reason", "until"],
      properties: {
        resource: { type: "string", minLength: 1 },
        reason: { type: "string", minLength: 1 },
        until: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
      },
    },
  },
};

/** What the exceptions say of a resource: nothing, that it is excepted, or that it was. */
export function exceptionFor(
  { urn, name }: StackResource,
  exceptions: Exception[] = [],
  now: Date,
): { exception: Exception; hasExpired: boolean } | undefined {
  const own = exceptions.filter(({ resource }) => resource === name || resource === urn);
  const today = now.toISOString().slice(0, 10);
  const holding = own.find(({ until }) => until >= today);
  const exception = holding ?? own[0];
  return exception === undefined ? undefined : { exception, hasExpired: holding === undefined };
}
