import { type PolicyDocument, parsePolicy } from "@serverless-chat/iam";
import type { Cloud } from "../../cloud.ts";
import { stableId, UPPERCASE } from "../../stableId.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export function outputs({ urn, name, inputs }: { urn: string; name: string; inputs: Inputs }, place: Place): Made {
  const roleName = inputs.name ?? name;
  return {
    id: roleName,
    name: roleName,
    arn: `arn:aws:iam::${place.accountId}:role${inputs.path ?? "/"}${roleName}`,
    uniqueId: `AROA${stableId(urn, UPPERCASE, 17)}`,
  };
}

export function serve({ id, inputs }: Resource, cloud: Cloud): void {
  const policies = new Map<string, PolicyDocument>();
  for (const { name, policy } of inputs.inlinePolicies ?? []) policies.set(`inline ${name}`, parsePolicy(policy));
  const boundary = inputs.permissionsBoundary && cloud.managedPolicies.get(inputs.permissionsBoundary);
  if (inputs.permissionsBoundary && boundary === undefined) {
    cloud.report({
      event: "warning",
      message: `the permissions boundary ${inputs.permissionsBoundary} is not part of this program: it limits nothing here`,
    });
  }
  cloud.roles.set(id, {
    arn: `arn:aws:iam::${cloud.accountId}:role${inputs.path ?? "/"}${id}`,
    name: id,
    trust: parsePolicy(inputs.assumeRolePolicy),
    policies,
    ...(boundary === undefined ? {} : { boundary }),
  });
}
