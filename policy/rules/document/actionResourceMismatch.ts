import { canApplyTo } from "../../document/actionResources.ts";
import { SOME_ARN } from "../../document/scope.ts";
import { arnOf, suggestedStatement } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

export const actionResourceMismatch: DocumentRule = {
  id: "action-resource-mismatch",
  severity: "medium",
  title: "A statement's resources are none that its action could be about",
  kinds: ["identity", "resource"],
  check: ({ grants, context }) =>
    grants.flatMap(({ statement, actions, scopes }) => {
      // In a resource policy `*` and paths within are shorthands for the resource that it belongs to.
      if (context.kind === "resource" && scopes.some(({ pattern }) => !pattern.startsWith("arn:"))) return [];
      if (scopes.some(({ pattern }) => pattern === SOME_ARN)) return [];
      if (statement.resource?.negated || scopes.length === 0 || hasWildcard(statement.action.patterns)) return [];
      return actions
        .filter((action) => !scopes.some(({ pattern }) => canApplyTo(action, pattern)))
        .map((action) => ({
          statement,
          message:
            action.resources.length === 0
              ? `${action.name} has no resources of its own: with ${scopes[0]?.pattern} it is never allowed`
              : `${action.name} is never about ${scopes.map(({ pattern }) => pattern).join(", ")}`,
          fix: suggestedStatement(statement, {
            actions: [action.name],
            resources: action.resources.length === 0 ? ["*"] : action.resources.map((type) => arnOf(type, context)),
          }),
        }));
    }),
};

/** A pattern of actions may well name some for which the resource is none. */
function hasWildcard(patterns: string[]): boolean {
  return patterns.some((pattern) => /[*?]/.test(pattern));
}
