import { delegatesToAccount } from "../analysis/principals.ts";
import { listed } from "../analysis/reach.ts";
import type { Rule } from "../analysis/rule.ts";
import { statementText } from "../analysis/written.ts";

/** No action is named: `*`, `s3:*`, `s3:?*`, `*:Get`. */
const NAMES_NO_ACTION = /^[^:]*[*?][^:]*(:|$)|^[^:]+:\?*\*[*?]*$/;

export const wildcardAction: Rule = {
  id: "wildcard-action",
  severity: "high",
  title: "An Allow names all actions of a service, or of all services",
  kinds: ["identity", "trust", "resource"],
  examine: ({ grants, catalogue, context }) => {
    // Of a role there is one thing to allow.
    const named = context.kind === "trust" ? "sts:AssumeRole" : "SERVICE:ACTION";
    return grants
      .filter(({ statement }) => !statement.action.negated && !delegatesToAccount(statement, context))
      .flatMap(({ statement }) =>
        statement.action.patterns
          .filter((pattern) => NAMES_NO_ACTION.test(pattern))
          .map((pattern) => ({
            statement,
            message: `the action ${JSON.stringify(pattern)} allows ${listed(catalogue.matching(pattern)) || "whatever the service will have"}`,
            fix: statementText(statement, {
              actions: statement.action.patterns.map((other) => (other === pattern ? named : other)),
            }),
          })),
      );
  },
};
