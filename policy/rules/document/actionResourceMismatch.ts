import { canApplyTo, mayLackType, missingPart } from "../../document/actionResources.ts";
import { isUnknownArn } from "../../document/scope.ts";
import { arnOf, suggestedStatement } from "../../document/suggestedStatement.ts";
import type { Problem } from "../../finding.ts";
import type { DocumentRule } from "../rule.ts";

export const actionResourceMismatch: DocumentRule = {
  id: "action-resource-mismatch",
  severity: "medium",
  title: "An action can't apply to any of its statement's resources",
  kinds: ["identity", "resource"],
  check: ({ grants, context, catalog }) =>
    grants.flatMap(({ statement, actions, scopes }): Problem[] => {
      // In a resource policy, `*` and relative paths stand for the resource that the policy belongs to.
      if (context.kind === "resource" && scopes.some(({ pattern }) => !pattern.startsWith("arn:"))) return [];
      if (scopes.some(({ pattern }) => isUnknownArn(pattern))) return [];
      if (statement.resource?.negated || scopes.length === 0 || hasWildcard(statement.action.patterns)) return [];
      const patterns = scopes.map(({ pattern }) => pattern);
      return actions.flatMap((action) => {
        // A resource policy concerns its own resource, even for actions without resource types.
        if (context.kind === "resource" && action.resources.length === 0) return [];
        // One pattern that fits is enough, and most statements have one.
        if (patterns.some((pattern) => canApplyTo(action, pattern) && missingPart(action, pattern) === undefined))
          return [];
        const applicable = patterns.filter(
          (pattern) => canApplyTo(action, pattern) || mayLackType(action, pattern, catalog),
        );
        const incomplete = applicable.map((pattern) => ({ pattern, part: missingPart(action, pattern) }));
        if (incomplete.some(({ part }) => part === undefined)) return [];
        const [first] = incomplete;
        const message =
          action.resources.length === 0
            ? `${action.name} can't be limited to a resource, so IAM never allows it on ${patterns[0]}`
            : first === undefined
              ? `${action.name} can't apply to ${patterns.join(", ")}`
              : `${first.pattern} has no ${first.part}, so ${action.name} never matches it`;
        const resources =
          action.resources.length === 0
            ? ["*"]
            : first === undefined
              ? action.resources.map((type) => arnOf(type, context))
              : [completed(first.pattern, context)];
        return [{ statement, message, fix: suggestedStatement(statement, { actions: [action.name], resources }) }];
      });
    }),
};

/** The ARN with the account and Region that it lacks. */
function completed(arn: string, { region = "REGION", account = "ACCOUNT" }: { region?: string; account?: string }) {
  const parts = arn.split(":");
  return parts.map((part, i) => (part !== "" ? part : i === 3 ? region : i === 4 ? account : part)).join(":");
}

/** Whether an action pattern has a wildcard, so that some of the actions that it matches may apply. */
function hasWildcard(patterns: string[]): boolean {
  return patterns.some((pattern) => /[*?]/.test(pattern));
}
