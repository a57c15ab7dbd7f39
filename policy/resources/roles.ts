/** Roles of a stack and the resources that belong to them. */
import type { StackResource } from "./resource.ts";

export const ROLE = "aws:iam/role:Role";
export const FUNCTION = "aws:lambda/function:Function";

/** Lookup tables, built once per stack: stacks have up to ten thousand resources. */
interface Index {
  byType: Map<string, StackResource[]>;
  rolesByUrn: Map<string, StackResource>;
  /** Roles by name, id and ARN. */
  rolesByName: Map<string, StackResource[]>;
  /** Resources that refer to a role by `role`, `roleName` or `roles`, by URN of the role. */
  belonging: Map<string, StackResource[]>;
}

const indexes = new WeakMap<StackResource[], Index>();

function indexOf(resources: StackResource[]): Index {
  const known = indexes.get(resources);
  if (known !== undefined) return known;
  const index: Index = {
    byType: new Map(),
    rolesByUrn: new Map(),
    rolesByName: new Map(),
    belonging: new Map(),
  };
  for (const resource of resources) add(index.byType, resource.type, resource);
  for (const role of index.byType.get(ROLE) ?? []) {
    index.rolesByUrn.set(role.urn, role);
    const { name, id, arn } = role.props;
    for (const text of new Set([name, id, arn]))
      if (typeof text === "string" && text !== "") add(index.rolesByName, text, role);
  }
  indexes.set(resources, index);
  for (const resource of resources) {
    const roles = ["role", "roleName", "roles"].flatMap((property) => rolesOf(resource, property, index));
    for (const { urn } of new Set(roles)) add(index.belonging, urn, resource);
  }
  return index;
}

function add(map: Map<string, StackResource[]>, key: string, resource: StackResource): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [resource]);
  else list.push(resource);
}

/** Finds the resources of a type through an index that is built once per list. */
export function ofType(type: string, resources: StackResource[]): StackResource[] {
  return indexOf(resources).byType.get(type) ?? [];
}

/** The role that a property refers to. */
export function roleOf(
  resource: StackResource,
  property: string,
  resources: StackResource[],
): StackResource | undefined {
  return rolesOf(resource, property, indexOf(resources))[0];
}

/** The roles that a property refers to, according to its dependencies, or otherwise by name or ARN. */
function rolesOf({ props, propertyDependencies }: StackResource, property: string, index: Index): StackResource[] {
  const from = (propertyDependencies[property] ?? []).flatMap((urn) => index.rolesByUrn.get(urn) ?? []);
  if (from.length > 0) return from;
  return [props[property]].flat().flatMap((value) => {
    if (typeof value !== "string") return [];
    const named = index.rolesByName.get(value);
    if (named !== undefined) return named;
    return (index.rolesByName.get(value.split("/").at(-1) ?? "") ?? []).filter((role) => isNamed(role, value));
  });
}

/** Resources of a type that refer to a role by `role`, `roleName` or `roles`. */
export function belongingTo(role: StackResource, type: string, resources: StackResource[]): StackResource[] {
  return (indexOf(resources).belonging.get(role.urn) ?? []).filter((resource) => resource.type === type);
}

/** Whether a string is the name or ARN of a role. */
export function isNamed({ props: { name, id, arn } }: StackResource, value: string): boolean {
  if (value === "") return false;
  return (
    [name, id, arn].includes(value) || (/^arn:[^:]*:iam::\d*:role\//.test(value) && value.split("/").at(-1) === name)
  );
}
