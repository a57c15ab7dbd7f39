import { isUnknownArn } from "../../document/scope.ts";
import { similarAction } from "../../document/similarAction.ts";
import type { DocumentRule } from "../rule.ts";

export const unknownAction: DocumentRule = {
  id: "unknown-action",
  severity: "medium",
  title: "A statement names an action that doesn't exist",
  kinds: ["identity", "trust", "resource", "boundary"],
  check: ({ document: { statements }, catalog }) =>
    statements.flatMap((statement) =>
      statement.action.patterns
        .filter((pattern) => pattern !== "*" && !isPlaceholder(pattern) && catalog.matching(pattern).length === 0)
        .map((pattern) => {
          const prefix = pattern.split(":")[0] ?? "";
          const similar = similarAction(pattern, catalog);
          return {
            statement,
            message: catalog.hasService(prefix)
              ? `the action ${JSON.stringify(pattern)} doesn't exist`
              : `the action ${JSON.stringify(pattern)} doesn't exist: AWS has no service ${JSON.stringify(prefix)}`,
            fix:
              similar === undefined
                ? "remove the action, or use a name from the service authorization reference"
                : `"${similar.name}"`,
          };
        }),
    ),
};

/** Whether the action, or a part of it, isn't known before the update or is a parameter of a template. */
function isPlaceholder(pattern: string): boolean {
  return isUnknownArn(pattern) || /^Name:|:Name\b/.test(pattern);
}
