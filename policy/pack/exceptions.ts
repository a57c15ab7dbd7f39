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
      additionalProperties: false,
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

/** What is told of what is found at a resource. */
export function afterExceptions(
  messages: string[],
  resource: StackResource,
  exceptions: Exception[] | undefined,
  now: Date,
): string[] {
  const excepted = exceptionFor(resource, exceptions, now);
  if (excepted === undefined || messages.length === 0) return messages;
  if (!excepted.hasExpired) return [];
  return [`${ended(excepted.exception)}: mend it, or say until when it goes on`, ...messages];
}

/** Exceptions that have ended, for resources at which nothing is found: each is told once. */
export function expiredUnused(
  exceptions: Exception[] | undefined,
  resources: StackResource[],
  now: Date,
): { resource: StackResource; message: string }[] {
  const byException = new Map<Exception, StackResource>();
  for (const resource of resources) {
    const excepted = exceptionFor(resource, exceptions, now);
    if (excepted?.hasExpired && !byException.has(excepted.exception)) byException.set(excepted.exception, resource);
  }
  return [...byException].map(([exception, resource]) => ({
    resource,
    message: `${ended(exception)}, and nothing is found there: take it out of the configuration`,
  }));
}

function ended({ resource, reason, until }: Exception): string {
  return `the exception for ${resource} (${reason}) ended on ${until}`;
}
