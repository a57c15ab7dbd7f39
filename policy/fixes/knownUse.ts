/** Determines how a stack's role policies are used. */
import type { Catalog } from "@serverless-chat/iam";
import { callsOf } from "../code/cachedCalls.ts";
import { actionsOfSettings } from "../code/features.ts";
import { codeOf } from "../code/functionCode.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";
import { policyResourcesOf } from "../resources/roleGrants.ts";
import { FUNCTION, ofType, ROLE, roleOf } from "../resources/roles.ts";
import type { KnownUse } from "./narrowStatement.ts";
import { StackArns } from "./stackArns.ts";

/**
 * The actions that the functions with a policy call, and the stack's ARNs.
 *
 * @param policy the resource that contains the policy: a role, a `RolePolicy` or a managed policy
 */
export function knownUseOf(
  policy: StackResource,
  resources: StackResource[],
  context: StackContext,
  catalog: Catalog,
): KnownUse {
  const called = calledWith(policy, resources, catalog);
  return { stackArns: new StackArns(resources, context), ...(called === undefined ? {} : { called }) };
}

/** The actions that functions with a policy call; undefined unless the code of all of them is known. */
function calledWith(policy: StackResource, resources: StackResource[], catalog: Catalog): Set<string> | undefined {
  const roles = ofType(ROLE, resources).filter(
    (role) => role === policy || policyResourcesOf(role, resources).includes(policy),
  );
  const functions = ofType(FUNCTION, resources);
  const holders = roles.map((role) => functions.filter((lambda) => roleOf(lambda, "role", resources) === role));
  // A role without a function may be used by something else.
  if (holders.length === 0 || holders.some((own) => own.length === 0)) return undefined;
  const called = new Set<string>();
  for (const lambda of holders.flat()) {
    const code = codeOf(lambda.props);
    const calls = code && callsOf(code, catalog);
    if (calls === undefined || calls.isPartial) return undefined;
    for (const action of [...calls.actions, ...actionsOfSettings(lambda, resources)]) called.add(action);
  }
  return called;
}
