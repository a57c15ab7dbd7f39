import { type PolicyDocument, parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import type { Role } from "../../identity/role.ts";
import { stableId, UPPERCASE } from "../../stableId.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";
import { attachManaged } from "./attachManaged.ts";
import { awsManagedPolicy } from "./awsManaged.ts";

export function outputs({ urn, name, inputs }: { urn: string; name: string; inputs: Inputs }, place: Place): Made {
  const roleName = inputs.name ?? name;
  return {
    id: roleName,
    name: roleName,
    arn: `arn:aws:iam::${place.accountId}:role${inputs.path ?? "/"}${roleName}`,
    uniqueId: `AROA${stableId(urn, UPPERCASE, 17)}`,
  };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  const policies = new Map<string, PolicyDocument>();
  for (const { name, policy } of inputs.inlinePolicies ?? []) policies.set(`inline ${name}`, parsePolicy(policy));
  const { permissionsBoundary, managedPolicyArns = [] } = inputs;
  const boundary =
    permissionsBoundary && (draft.managedPolicies.get(permissionsBoundary) ?? awsManagedPolicy(permissionsBoundary));
  if (inputs.permissionsBoundary && boundary === undefined) {
    draft.report({
      event: "warning",
      message: `the permissions boundary ${inputs.permissionsBoundary} is not part of this program: it limits nothing here`,
    });
  }
  const role: Role = {
    arn: `arn:aws:iam::${draft.accountId}:role${inputs.path ?? "/"}${id}`,
    name: id,
    trust: parsePolicy(inputs.assumeRolePolicy),
    policies,
    ...(boundary ? { boundary } : {}),
  };
  for (const policyArn of managedPolicyArns) attachManaged(draft, role, policyArn);
  draft.roles.set(id, role);
}
