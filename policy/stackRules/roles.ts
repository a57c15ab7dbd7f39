/** Roles of a stack, and what belongs to them. */
import type { StackResource } from "../resources/resource.ts";

export const ROLE = "aws:iam/role:Role";
export const FUNCTION = "aws:lambda/function:Function";

/** The role that a property names: by what it comes from, else by its name or ARN. */
export function roleOf(
  { props, propertyDependencies }: StackResource,
  property: string,
  resources: StackResource[],
): StackResource | undefined {
  const roles = resources.filter(({ type }) => type === ROLE);
  const [urn] = (propertyDependencies[property] ?? []).filter((candidate) =>
    roles.some((role) => role.urn === candidate),
  );
  const value = props[property];
  return (
    roles.find((role) => role.urn === urn) ??
    roles.find((role) => typeof value === "string" && value !== "" && isNamed(role, value))
  );
}

/** What of a type belongs to a role by its property `role` or `roleName`. */
export function belongingTo(role: StackResource, type: string, resources: StackResource[]): StackResource[] {
  return resources.filter(
    (resource) =>
      resource.type === type &&
      ["role", "roleName", "roles"].some((property) => roleOf(resource, property, resources) === role),
  );
}

function isNamed({ props: { name, id, arn } }: StackResource, value: string): boolean {
  return (
    value === name || value === id || value === arn || (typeof name === "string" && value.endsWith(`:role/${name}`))
  );
}
