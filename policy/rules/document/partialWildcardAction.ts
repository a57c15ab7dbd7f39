import { canApplyTo } from "../../document/actionResources.ts";
import { listed } from "../../document/reach.ts";
import { suggestedStatement } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

/** More would not be a list that a person reads. */
const MAX_NAMES = 40;

/** Part of an action's name is a wildcard: `dynamodb:Put*`. */
const NAMES_SOME_ACTIONS = /^[^:*?]+:(?=.*[*?])(?!\?*\*[*?]*$)/;

export const partialWildcardAction: DocumentRule = {
  id: "partial-wildcard-action",
  severity: "medium",
  title: "An Allow names actions by a part of their name",
  kinds: ["identity", "trust", "resource"],
  check: ({ grants, catalog }) =>
    grants
      .filter(({ statement }) => !statement.action.negated)
      .flatMap(({ statement }) =>
        statement.action.patterns
          .filter((pattern) => NAMES_SOME_ACTIONS.test(pattern))
          .map((pattern) => {
            const actions = catalog.matching(pattern);
            const resources = statement.resource?.negated ? [] : (statement.resource?.patterns ?? []);
            const names = actions
              .filter((action) => resources.length === 0 || resources.some((resource) => canApplyTo(action, resource)))
              .map(({ name }) => name);
            return {
              statement,
              message: `the action ${JSON.stringify(pattern)} allows ${listed(actions) || "no action that there is"}, and what the service will have of that name`,
              fix:
                names.length === 0 || names.length > MAX_NAMES
                  ? `name of the ${names.length} actions those that are called`
                  : suggestedStatement(statement, {
                      actions: statement.action.patterns.flatMap((other) => (other === pattern ? names : other)),
                    }),
            };
          }),
      ),
};
