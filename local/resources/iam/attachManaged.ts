import type { Draft } from "../../draft.ts";
import type { Role } from "../../identity/role.ts";
import { awsManagedPolicy } from "./awsManaged.ts";

/** Attaches a managed policy, either the program's own or AWS's. Warns once about an unknown policy. */
export function attachManaged(draft: Draft, role: Role, policyArn: string): void {
  const policy = draft.managedPolicies.get(policyArn) ?? awsManagedPolicy(policyArn);
  if (policy !== undefined) {
    role.policies.set(policyArn, policy);
    return;
  }
  draft.warnOnce(
    `the managed policy ${policyArn} is not known to the local cloud and allows nothing: register an aws.iam.Policy with its document ` +
      "and attach it, or give the role an inline policy with the statements that it needs",
  );
}
