import type { Action } from "@serverless-chat/iam";
import { hasResources } from "../../document/actionResources.ts";
import { canHoldFor } from "../../document/conditions.ts";
import { listed, widely } from "../../document/reach.ts";
import type { Grant } from "../../document/subject.ts";
import { arnOf, suggestedStatement } from "../../document/suggestedStatement.ts";
import type { Problem, Severity } from "../../finding.ts";
import type { DocumentRule } from "../rule.ts";

export const wildcardResource: DocumentRule = {
  id: "wildcard-resource",
  severity: "high",
  title: "An Allow covers all resources, although its actions can be limited",
  // In a resource policy, `*` means the resource that the policy belongs to.
  kinds: ["identity"],
  check: ({ grants, document, context }) =>
    grants.flatMap((grant): Problem[] => {
      const { statement } = grant;
      const possible =
        statement.conditions.length === 0
          ? grant.actions
          : grant.actions.filter((action) => canHoldFor(statement, action));
      const wide = widely({ grant: { ...grant, actions: possible }, document }, isLimitable, "all");
      const limitable = withoutVpcAccess(grant, wide);
      if (limitable.length === 0) return [];
      const severity = severityOf(limitable);
      const message = `${listed(limitable)} can be limited to resources, but the statement covers all`;
      if (limitable.length > MAX_NAMES) {
        return [
          {
            statement,
            message,
            severity,
            fix: "list the actions in use, and give those of each service the ARNs of their resources",
          },
        ];
      }
      const arns = limitable.map(({ resources }) => resources.map((type) => arnOf(type, context)));
      // Every action needs at least one of its own ARNs.
      const needed = new Set(arns.map(([first = ""]) => first));
      const fix = suggestedStatement(statement, {
        actions: limitable.map(({ name }) => name),
        resources: [...new Set([...needed, ...arns.flat()])].slice(0, Math.max(needed.size, MAX_ARNS)),
      });
      // Actions without resource-level permissions need `*` and a separate statement.
      const others = possible.filter((action) => !limitable.includes(action)).map(({ name }) => name);
      const rest = { ...suggestedStatement(statement, { actions: others }), Resource: "*" };
      return [{ statement, message, severity, fix: others.length === 0 ? fix : [fix, rest] }];
    }),
};

/**
 * Whether an action should be limited to resources. Calls that describe all resources of a type needn't be: they name
 * no resource and return only metadata.
 */
function isLimitable(action: Action): boolean {
  const describesAll = action.level === "list" && /:Describe(?!.*(Attribute|Log))/.test(action.name);
  return hasResources(action) && !describesAll;
}

/**
 * Actions that a function in a VPC needs for its network interfaces, whose ids Lambda chooses. AWS's managed policy for
 * this also has `*`. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
const VPC_ACCESS = new Set(
  ["CreateNetworkInterface", "DeleteNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"].map(
    (name) => `ec2:${name}`,
  ),
);

function withoutVpcAccess({ has, actions }: Grant, limitable: Action[]): Action[] {
  const isVpcAccess =
    ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces"].every(has) && actions.length < MAX_NAMES;
  return isVpcAccess ? limitable.filter(({ name }) => !VPC_ACCESS.has(name)) : limitable;
}

/** Maximum number of actions and of ARNs in a fix, because people should read what they paste. */
const MAX_NAMES = 20;
const MAX_ARNS = 8;

/** Reading alone is only advice, because other rules find the reads that expose data or credentials. */
function severityOf(actions: Action[]): Severity {
  return actions.every(({ level }) => level === "list" || level === "read") ? "medium" : "high";
}
