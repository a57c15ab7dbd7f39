import type { StackResource } from "../../resources/resource.ts";
import { belongingTo, ROLE } from "../../resources/roles.ts";
import type { StackRule } from "../rule.ts";

export const policiesManagedTwice: StackRule = {
  id: "policies-managed-twice",
  severity: "medium",
  title: "A role's policies are managed in two ways, which undo each other",
  check: (resources) =>
    resources
      .filter(({ type }) => type === ROLE)
      .flatMap((role) =>
        WAYS.flatMap(({ property, type }) => twice(role, property, belongingTo(role, type, resources))),
      ),
};

/** The exclusive list on the role, and the resource that adds one. */
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
      message: `${property} says what all its policies are, and ${additions.map(({ name }) => name).join(", ")} adds to them: each update takes back what the other did`,
      fix: `take ${property} off the role, or put everything into it`,
    },
  ];
}
