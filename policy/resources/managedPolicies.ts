/**
 * Determines how a stack uses the managed policies that it creates: as boundaries, attached to identities, or not at
 * all.
 */

import type { StackResource } from "./resource.ts";
import { policyOf } from "./roleGrants.ts";

export const MANAGED_POLICY = "aws:iam/policy:Policy";

export interface ManagedPolicyUse {
  isBoundary: boolean;
  isAttached: boolean;
  /** Names of the roles, users and groups that have the policy, if known. */
  holders: string[];
}

/** Properties that attach a managed policy. */
const ATTACHING = ["policyArn", "policyArns", "managedPolicyArns"];
const HOLDERS = ["role", "user", "group", "roles", "users", "groups", "roleName", "userName", "groupName"];

export function useOf(policy: StackResource, resources: StackResource[]): ManagedPolicyUse {
  const names = (property: string) => (resource: StackResource) => refersTo(resource, property, policy);
  const candidates = referring(resources);
  const attachments = candidates.filter((resource) => ATTACHING.some((property) => names(property)(resource)));
  const holders = attachments.flatMap(({ type, props }) => [
    ...HOLDERS.flatMap((property) => [props[property]].flat()),
    ...(type === "aws:iam/role:Role" ? [props.name] : []),
  ]);
  return {
    isBoundary: candidates.some(names("permissionsBoundary")),
    isAttached: attachments.length > 0,
    holders: holders.filter((holder): holder is string => typeof holder === "string"),
  };
}

const known = new WeakMap<StackResource[], StackResource[]>();

/** Resources that could refer to a policy. */
function referring(resources: StackResource[]): StackResource[] {
  const cached = known.get(resources);
  if (cached !== undefined) return cached;
  const found = resources.filter(({ props }) =>
    [...ATTACHING, "permissionsBoundary"].some((property) => props[property] !== undefined),
  );
  known.set(resources, found);
  return found;
}

function refersTo(resource: StackResource, property: string, policy: StackResource): boolean {
  if (resource.propertyDependencies[property]?.includes(policy.urn)) return true;
  const value = resource.props[property];
  // IAM Identity Center names a customer managed policy instead of giving its ARN.
  const reference = (value as { customerManagedPolicyReference?: { name?: unknown } } | undefined)
    ?.customerManagedPolicyReference;
  if (reference !== undefined) return reference.name === policy.props.name;
  return [value].flat().some((arn) => typeof arn === "string" && policyOf(arn, [policy]) !== undefined);
}
