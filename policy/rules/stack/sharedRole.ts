import type { Catalog } from "@serverless-chat/iam";
import type { StackResource } from "../../resources/resource.ts";
import { grantsOf, managedPoliciesOf } from "../../resources/roleGrants.ts";
import { FUNCTION, roleOf } from "../../resources/roles.ts";
import type { StackRule } from "../rule.ts";

export const sharedRole: StackRule = {
  id: "shared-role",
  severity: "medium",
  title: "Several functions share a role, so each has the permissions of all",
  check(resources, _, catalog) {
    const byRole = new Map<string, StackResource[]>();
    for (const lambda of resources.filter(({ type }) => type === FUNCTION)) {
      const key = roleOf(lambda, "role", resources)?.urn ?? lambda.props.role;
      if (typeof key === "string") byRole.set(key, [...(byRole.get(key) ?? []), lambda]);
    }
    return [...byRole.values()]
      .filter((functions) => functions.length > 1)
      .filter(([first]) => !onlyLogs(first as StackResource, resources, catalog))
      .map((functions) => ({
        // A role from another stack has no resource here, so the finding is on a function.
        resource: roleOf(functions[0] as StackResource, "role", resources) ?? (functions[1] as StackResource),
        message: `${functions.map(({ name }) => name).join(", ")} share this role, so each can do what the others need`,
        fix: "give each function its own role",
      }));
  },
};

/** Whether a function's role only lets it write logs and traces, which every function needs. */
function onlyLogs(lambda: StackResource, resources: StackResource[], catalog: Catalog): boolean {
  const role = roleOf(lambda, "role", resources);
  if (role === undefined) return false;
  const arns = managedPoliciesOf(role, resources);
  if (arns.some((arn) => typeof arn !== "string" || !LOGS.test(arn))) return false;
  const { grants, isPartial } = grantsOf(role, lambda, resources, catalog);
  const isLogging = grants.every(
    ({ actions }) => actions.length > 0 && actions.every(({ name }) => /^(logs|xray):(Put|Create)/.test(name)),
  );
  return !isPartial && isLogging && arns.length + grants.length > 0;
}

const LOGS =
  /:aws:policy\/(service-role\/(AWSLambdaBasicExecutionRole|AWSLambdaVPCAccessExecutionRole)|AWSXRayDaemonWriteAccess|CloudWatchLambdaInsightsExecutionRolePolicy)$/;
