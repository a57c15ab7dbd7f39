import { delegatesToAccessPoints, delegatesToAccount } from "../../document/principals.ts";
import { listed } from "../../document/reach.ts";
import { suggestedStatement } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

/** Matches patterns that name no action (`*`, `s3:*`, `s3:?*`) or have a wildcard in the service (`*:GetItem`). */
const NAMES_NO_ACTION = /^[^:]*[*?][^:]*(:|$)|^[^:]+:\?*\*[*?]*$/;

export const wildcardAction: DocumentRule = {
  id: "wildcard-action",
  severity: "high",
  title: "An Allow grants all actions of a service, or of all services",
  kinds: ["identity", "trust", "resource"],
  check: ({ grants, document, catalog, context }) => {
    // A trust policy usually only needs sts:AssumeRole.
    const placeholder = context.kind === "trust" ? "sts:AssumeRole" : "SERVICE:ACTION";
    return grants
      .filter(({ statement }) => !statement.action.negated)
      .filter(
        ({ statement }) => !delegatesToAccount(statement, document, context) && !delegatesToAccessPoints(statement),
      )
      .flatMap(({ statement }) => {
        const { patterns } = statement.action;
        const wild = patterns.filter((pattern) => NAMES_NO_ACTION.test(pattern));
        if (wild.length === 0) return [];
        const actions = catalog.matchingAny(wild);
        return {
          statement,
          message: `${wild.length === 1 ? "the action" : "the actions"} ${wild.map((pattern) => JSON.stringify(pattern)).join(", ")} ${wild.length === 1 ? "allows" : "allow"} ${listed(actions) || "every action that the service will have"}`,
          fix: suggestedStatement(statement, {
            actions: [...new Set(patterns.map((other) => (wild.includes(other) ? placeholder : other)))],
          }),
        };
      });
  },
};
