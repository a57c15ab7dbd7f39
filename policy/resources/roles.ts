/** Roles of a stack and the resources that belong to them. */
import type { StackResource } from "./resource.ts";

export const ROLE = "aws:iam/role:Role";
export const FUNCTION = "aws:lambda/function:Function";

/** The role that a property refers to. */
export function roleOf(
  resource: StackResource,
  property: string,
  resources: StackResource[],
): StackResource | undefined {
  return rolesOf(resource, property, resources)[0];
}

/** The roles that a property refers to: by its dependencies, else by name or ARN. */
function rolesOf(
  { props, propertyDependencies }: StackResource,
  property: string,
  resources: StackResource[],
): StackResource[] {
  const roles = resources.filter(({ type }) => type === ROLE);
  const from = roles.filter(({ urn }) => propertyDependencies[property]?.includes(urn));
  if (from.length > 0) return from;
  const values = [props[property]].flat();
  return roles.filter((role) => values.some((value) => typeof value === "string" && isNamed(role, value)));
}

/** Resources of a type that refer to a role by `role`, `roleName` or `roles`. */
export function belongingTo(role: StackResource, type: string, resources: StackResource[]): StackResource[] {
  return resources.filter(
    (resource) =>
      resource.type === type &&
      ["role", "roleName", "roles"].some((property) => rolesOf(resource, property, resources).includes(role)),
  );
}

/** Whether a text is the name or ARN of a role. */
export function isNamed({ props: { name, id, arn } }: StackResource, value: string): boolean {
  if (value === "") return false;
  return (
    [name, id, arn].includes(value) || (/^arn:[^:]*:iam::\d*:role\//.test(value) && value.split("/").at(-1) === name)
  );
}
