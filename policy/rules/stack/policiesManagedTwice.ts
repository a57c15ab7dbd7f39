import type { StackResource } from "../../resources/resource.ts";
import { belongingTo, ROLE } from "../../resources/roles.ts";
import type { StackRule } from "../rule.ts";

export const policiesManagedTwice: StackRule = {
  id: "policies-managed-twice",
  severity: "medium",
  title: "A role's policies are managed in two ways that conflict",
  check: (resources) =>
    resources
      .filter(({ type }) => type === ROLE)
      .flatMap((role) =>
        WAYS.flatMap(({ property, type }) => twice(role, property, belongingTo(role, type, resources))),
      ),
};

/** Exclusive lists on a role, each with the type of resource that adds to it. */
const WAYS = [
  { property: "managedPolicyArns", type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment" },
  { property: "inlinePolicies", type: "aws:iam/rolePolicy:RolePolicy" },
];

function twice(role: StackResource, property: string, additions: StackResource[]) {
  const list = role.props[property];
  const isExclusive = Array.isArray(list) && list.length > 0;
  if (!isExclusive || additions.length === 0) return [];
  return [
    {
      resource: role,
      message: `${property} lists all policies of the role, but others come from ${additions.map(({ name }) => name).join(", ")}: each update undoes the other`,
      fix: `remove ${property} from the role, or list every policy there`,
    },
  ];
}
