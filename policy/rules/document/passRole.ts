import type { Statement } from "@serverless-chat/iam";
import { limits } from "../../document/conditions.ts";
import { isDenied } from "../../document/denials.ts";
import { reachOf } from "../../document/reach.ts";
import { WIDTH } from "../../document/scope.ts";
import { suggestedStatement } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

export const passRole: DocumentRule = {
  id: "pass-role",
  severity: "high",
  title: "iam:PassRole isn't limited to one role or one service",
  kinds: ["identity"],
  check: ({ grants, document, context: { partition = "aws", account = "ACCOUNT" } }) =>
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
            ...(isWide ? {} : { severity: "medium" as const }),
            message: isWide
              ? "iam:PassRole lets its holder give any role to a service, including roles with more permissions than its own"
              : "iam:PassRole lets its holder give several roles to any service that accepts one",
            fix: {
              ...suggestedStatement(statement, {
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

/** The statement's conditions, plus one on the service that receives the role. */
function passedToOneService(statement: Statement): object {
  const others = statement.conditions.filter(({ key }) => key.toLowerCase() !== "iam:passedtoservice");
  const { Condition = {} } = suggestedStatement({ ...statement, conditions: others }) as {
    Condition?: Record<string, object>;
  };
  return {
    ...Condition,
    StringEquals: { ...Condition.StringEquals, "iam:PassedToService": "SERVICE.amazonaws.com" },
  };
}
