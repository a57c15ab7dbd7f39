import { canBeAbout } from "../analysis/about.ts";
import { listed } from "../analysis/reach.ts";
import type { Rule } from "../analysis/rule.ts";
import { statementText } from "../analysis/written.ts";

/** More would not be a list that a person reads. */
const MOST_NAMES = 40;

/** Part of an action's name is a wildcard: `dynamodb:Put*`. */
const NAMES_SOME_ACTIONS = /^[^:*?]+:(?=.*[*?])(?!\?*\*[*?]*$)/;

export const partialWildcardAction: Rule = {
  id: "partial-wildcard-action",
  severity: "medium",
  title: "An Allow names actions by a part of their name",
  kinds: ["identity", "trust", "resource"],
  examine: ({ grants, catalogue }) =>
    grants
      .filter(({ statement }) => !statement.action.negated)
      .flatMap(({ statement }) =>
        statement.action.patterns
          .filter((pattern) => NAMES_SOME_ACTIONS.test(pattern))
          .map((pattern) => {
            const actions = catalogue.matching(pattern);
            const resources = statement.resource?.negated ? [] : (statement.resource?.patterns ?? []);
            const names = actions
              .filter((action) => resources.length === 0 || resources.some((resource) => canBeAbout(action, resource)))
              .map(({ name }) => name);
            return {
              statement,
              message: `the action ${JSON.stringify(pattern)} allows ${listed(actions) || "no action that there is"}, and what the service will have of that name`,
              fix:
                names.length === 0 || names.length > MOST_NAMES
                  ? `name of the ${names.length} actions those that are called`
                  : statementText(statement, {
                      actions: statement.action.patterns.flatMap((other) => (other === pattern ? names : other)),
                    }),
            };
          }),
      ),
};
