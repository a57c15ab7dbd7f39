import type { Action } from "@serverless-chat/iam";
import { hasResources } from "../../document/actionResources.ts";
import { listed, widely } from "../../document/reach.ts";
import { arnOf, suggestedStatement } from "../../document/suggestedStatement.ts";
import type { Problem, Severity } from "../../finding.ts";
import type { DocumentRule } from "../rule.ts";

export const wildcardResource: DocumentRule = {
  id: "wildcard-resource",
  severity: "high",
  title: "An Allow covers all resources, although its actions can be limited",
  // In a resource policy `*` means the resource that the policy belongs to.
  kinds: ["identity"],
  check: ({ grants, document, context }) =>
    grants.flatMap((grant): Problem[] => {
      const limitable = widely({ grant, document }, hasResources, "all");
      if (limitable.length === 0) return [];
      const { statement } = grant;
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
      // Every action gets at least one of its own ARNs.
      const needed = new Set(arns.map(([first = ""]) => first));
      const fix = suggestedStatement(statement, {
        actions: limitable.map(({ name }) => name),
        resources: [...new Set([...needed, ...arns.flat()])].slice(0, Math.max(needed.size, MAX_ARNS)),
      });
      // Actions without resource-level permissions need `*` and a separate statement.
      const others = grant.actions.filter((action) => !limitable.includes(action)).map(({ name }) => name);
      const rest = { ...suggestedStatement(statement, { actions: others }), Resource: "*" };
      return [{ statement, message, severity, fix: others.length === 0 ? fix : [fix, rest] }];
    }),
};

/** People read what they paste. */
const MAX_NAMES = 20;
const MAX_ARNS = 8;

/** Reading is advice: rules on data and credentials find the reads that give something away. */
function severityOf(actions: Action[]): Severity {
  return actions.every(({ level }) => level === "list" || level === "read") ? "medium" : "high";
}
