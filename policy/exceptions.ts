/** Exceptions: findings that someone accepts, with a reason and an end date. */
import type { ResourceFinding } from "./finding.ts";
import type { StackResource } from "./resources/resource.ts";

export interface Exception {
  /** Id of the rule. */
  rule: string;
  /** Name or URN of the resource; `*` matches any text. If undefined, the exception applies to every resource. */
  resource?: string;
  /** Pulumi type of the resource; `*` matches any text. */
  type?: string;
  /** Name or URN of the component that the resource is, or is part of; `*` matches any text. */
  parent?: string;
  /** Sid or hash of the statement, as findings show it. If undefined, the exception applies to every statement. */
  statement?: string;
  reason: string;
  /** Last day on which it applies, in UTC, such as `2027-01-31`. */
  until: string;
}

/** Whether an exception applies to a resource or any of its statements. */
export function coversResource(exception: Exception, { urn, type, name, parent = "" }: StackResource): boolean {
  const { resource, type: types, parent: parents } = exception;
  const components = [parent, parent.split("::").at(-1) ?? "", ...(isComponent(type) ? [urn, name] : [])];
  return (
    (resource === undefined || matches(resource, name) || matches(resource, urn)) &&
    (types === undefined || matches(types, type)) &&
    (parents === undefined || components.some((component) => matches(parents, component)))
  );
}

/** Whether a type that has findings is a component. */
export function isComponent(type: string): boolean {
  return !/^(aws|kubernetes|pulumi):/.test(type);
}

/** Whether an exception applies to a finding. */
export function coversFinding(exception: Exception, { rule, resource, statement, hash }: ResourceFinding): boolean {
  if (exception.rule !== rule || !coversResource(exception, resource)) return false;
  return exception.statement === undefined || [statement?.sid, hash].includes(exception.statement);
}

/** Whether an exception has ended. */
export function hasEnded({ until }: Exception, now: Date): boolean {
  return until < now.toISOString().slice(0, 10);
}

/** Describes an exception for messages. */
export function describeException({ rule, resource, type, parent, statement, reason, until }: Exception): string {
  const where = [resource, type, parent && `in ${parent}`, statement && `statement ${statement}`].filter(Boolean);
  return `the exception from ${rule} for ${where.join(", ") || "every resource"} (${reason}, until ${until})`;
}

function matches(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() as string;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at === -1 || at + part.length > text.length - last.length) return false;
    from = at + part.length;
  }
  return true;
}
