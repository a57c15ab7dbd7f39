import { canApplyTo } from "../../document/actionResources.ts";
import { delegatesToAccessPoints, delegatesToAccount } from "../../document/principals.ts";
import { listed } from "../../document/reach.ts";
import { suggestedStatement } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

/** Maximum number of actions in a fix, because nobody would read a longer list. */
const MAX_NAMES = 40;

/** Matches patterns where part of an action's name is a wildcard, such as `dynamodb:Put*`. */
const NAMES_SOME_ACTIONS = /^[^:*?]+:(?=.*[*?])(?!\?*\*[*?]*$)/;

export const partialWildcardAction: DocumentRule = {
  id: "partial-wildcard-action",
  severity: "medium",
  title: "An Allow grants actions by a part of their name",
  kinds: ["identity", "trust", "resource"],
  check: ({ grants, document, catalog, context }) =>
    grants
      .filter(({ statement }) => !statement.action.negated)
      .filter(
        ({ statement }) => !delegatesToAccount(statement, document, context) && !delegatesToAccessPoints(statement),
      )
      .flatMap(({ statement }) => {
        const { patterns } = statement.action;
        const partial = patterns.filter(
          (pattern) => NAMES_SOME_ACTIONS.test(pattern) && !(context.kind === "resource" && isIdiom(pattern)),
        );
        if (partial.length === 0) return [];
        const resources = statement.resource?.negated ? [] : (statement.resource?.patterns ?? []);
        const namesOf = (pattern: string) =>
          catalog
            .matching(pattern)
            .filter((action) => resources.length === 0 || resources.some((resource) => canApplyTo(action, resource)))
            .map(({ name }) => name);
        const actions = catalog.matchingAny(partial);
        const names = [...new Set(partial.flatMap(namesOf))];
        const quoted = partial.map((pattern) => JSON.stringify(pattern)).join(", ");
        return {
          statement,
          message: `${partial.length === 1 ? "the action" : "the actions"} ${quoted} ${partial.length === 1 ? "allows" : "allow"} ${listed(actions) || "no existing action"}, and every later action with such a name`,
          fix:
            names.length === 0 || names.length > MAX_NAMES
              ? `list the actions in use instead of ${quoted}, which matches ${actions.length}`
              : suggestedStatement(statement, {
                  actions: [
                    ...new Set(patterns.flatMap((other) => (partial.includes(other) ? namesOf(other) : other))),
                  ],
                }),
        };
      }),
};

/**
 * Whether AWS's own key policies contain this pattern, in the statement for users of the key. All actions that such a
 * pattern matches do the same. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
function isIdiom(pattern: string): boolean {
  return /^kms:(Encrypt|Decrypt|ReEncrypt|GenerateDataKey|Describe)\*$/i.test(pattern);
}
