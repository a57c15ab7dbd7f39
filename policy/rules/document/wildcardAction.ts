import { delegatesToAccount } from "../../document/principals.ts";
import { listed } from "../../document/reach.ts";
import { suggestedStatement } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

/** No action is named: `*`, `s3:*`, `s3:?*`, `*:Get`. */
const NAMES_NO_ACTION = /^[^:]*[*?][^:]*(:|$)|^[^:]+:\?*\*[*?]*$/;

export const wildcardAction: DocumentRule = {
  id: "wildcard-action",
  severity: "high",
  title: "An Allow names all actions of a service, or of all services",
  kinds: ["identity", "trust", "resource"],
  check: ({ grants, catalog, context }) => {
    // Of a role there is one thing to allow.
    const named = context.kind === "trust" ? "sts:AssumeRole" : "SERVICE:ACTION";
    return grants
      .filter(({ statement }) => !statement.action.negated && !delegatesToAccount(statement, context))
      .flatMap(({ statement }) =>
        statement.action.patterns
          .filter((pattern) => NAMES_NO_ACTION.test(pattern))
          .map((pattern) => ({
            statement,
            message: `the action ${JSON.stringify(pattern)} allows ${listed(catalog.matching(pattern)) || "whatever the service will have"}`,
            fix: suggestedStatement(statement, {
              actions: statement.action.patterns.map((other) => (other === pattern ? named : other)),
            }),
          })),
      );
  },
};
