import type { Statement } from "@serverless-chat/iam";
import { isDenied } from "../analysis/denial.ts";
import { limits } from "../analysis/narrowing.ts";
import { reachOf } from "../analysis/reach.ts";
import type { Rule } from "../analysis/rule.ts";
import { WIDTH } from "../analysis/scope.ts";
import { statementText } from "../analysis/written.ts";

export const passRole: Rule = {
  id: "pass-role",
  severity: "high",
  title: "iam:PassRole is not limited to one role, or to roles for one service",
  kinds: ["identity"],
  examine: ({ grants, document, context: { partition = "aws", account = "ACCOUNT" } }) =>
    grants
      .filter(({ has }) => has("iam:PassRole") && !isDenied(document, "iam:PassRole"))
      .flatMap((grant) => {
        const { statement, scopes } = grant;
        const reach = statement.resource?.negated ? "wide" : reachOf(grant);
        if (reach === undefined) return [];
        const toOneService = limits(statement, /^iam:passedtoservice$/);
        const isWide = WIDTH[reach] >= WIDTH.wide;
        if (!isWide && (toOneService || (reach === "one" && scopes.length === 1))) return [];
        return [
          {
            statement,
            message: isWide
              ? "it hands any role to a service, those with more rights than its own among them"
              : "it hands several roles to any service that takes one",
            fix: {
              ...statementText(statement, {
                actions: ["iam:PassRole"],
                resources: isWide
                  ? [`arn:${partition}:iam::${account}:role/NAME`]
                  : scopes.map(({ pattern }) => pattern),
              }),
              Condition: passedToOneService(statement),
            },
          },
        ];
      }),
};

/** Its conditions, with the service that the role is for. */
function passedToOneService(statement: Statement): object {
  const others = statement.conditions.filter(({ key }) => key.toLowerCase() !== "iam:passedtoservice");
  const { Condition = {} } = statementText({ ...statement, conditions: others }) as {
    Condition?: Record<string, object>;
  };
  return {
    ...Condition,
    StringEquals: { ...Condition.StringEquals, "iam:PassedToService": "SERVICE.amazonaws.com" },
  };
}
