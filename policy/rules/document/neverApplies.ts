import type { Condition, Statement } from "@serverless-chat/iam";
import { SOME_ARN } from "../../document/scope.ts";
import { suggestedStatement } from "../../document/suggestedStatement.ts";
import { valueProblem } from "../../document/values.ts";
import { unknownVariable } from "../../document/variables.ts";
import type { Problem } from "../../finding.ts";
import type { DocumentRule } from "../rule.ts";

export const neverApplies: DocumentRule = {
  id: "never-applies",
  severity: "medium",
  title: "A part of a statement never matches a request",
  kinds: ["identity", "trust", "resource", "boundary"],
  check: ({ document: { statements }, catalog, context }) =>
    statements.flatMap((statement): Problem[] => [
      ...statement.conditions.flatMap((condition) => problemOfValues(condition, statement)),
      ...(statement.resource?.patterns ?? []).flatMap((pattern) => problemOfArn(pattern, statement)),
      ...[...(statement.resource?.patterns ?? []), ...statement.conditions.flatMap(({ values }) => values)].flatMap(
        (text) => {
          const variable = unknownVariable(text, catalog.globalConditionKeys);
          if (variable === undefined) return [];
          const message = `"${text}" has the variable ${variable}, which IAM doesn't know, so it matches nothing`;
          return [{ statement, message, fix: "write the variable like ${aws:username}, with a key that IAM has" }];
        },
      ),
      ...(context.kind === "trust" && statement.effect === "Allow" ? actionsOfOthers(statement) : []),
    ]),
};

/** Finds ARNs in a form that no resource has. */
function problemOfArn(pattern: string, statement: Statement): Problem[] {
  const [arn, , service, , account = "", ...rest] = pattern.split(":");
  if (arn !== "arn") return [];
  if (/^\d+$/.test(account) && account.length !== 12) {
    const message = `${pattern} has an account of ${account.length} digits instead of 12, so it matches nothing`;
    return [{ statement, message, fix: "write the account with its 12 digits" }];
  }
  // A parameter's name begins with a slash, which `parameter/` already contains.
  if (service === "ssm" && rest.join(":").startsWith("parameter//")) {
    const message = `${pattern} has two slashes before the parameter's name, so it matches nothing`;
    const resources = statement.resource?.patterns.map((other) => other.replace(":parameter//", ":parameter/"));
    return [{ statement, message, fix: suggestedStatement(statement, { ...(resources && { resources }) }) }];
  }
  return [];
}

function problemOfValues(condition: Condition, statement: Statement): Problem[] {
  const { operator, key, values } = condition;
  if (values.some((value) => value.includes(SOME_ARN))) return [];
  const problem = valueProblem(condition);
  if (problem === undefined) return [];
  const consequence = /not(?!.*ifexists)/i.test(operator) ? "the condition always holds" : "it never matches";
  return [
    {
      statement,
      message: `the condition ${operator} compares ${key} with ${JSON.stringify(problem.value)}, ${problem.why}, so ${consequence}`,
      fix: problem.fix === undefined ? "replace the value, or remove the condition" : problem.fix,
    },
  ];
}

/** Actions that principals assume a role with, by kind of principal. */
const BY_KIND = new Map([
  ["AWS", "sts:AssumeRole"],
  ["Service", "sts:AssumeRole"],
  ["oidc", "sts:AssumeRoleWithWebIdentity"],
  ["saml", "sts:AssumeRoleWithSAML"],
]);

/** Finds principals that can't assume the role with any of the actions. */
function actionsOfOthers({ principal, action, ...statement }: Statement): Problem[] {
  if (principal === undefined || principal.negated || action.negated) return [];
  if (action.patterns.some((pattern) => /[*?]/.test(pattern))) return [];
  const actions = new Set(action.patterns.map((pattern) => pattern.toLowerCase()));
  // A statement without any of these actions may be there just for tags or source identities.
  if (![...BY_KIND.values()].some((name) => actions.has(name.toLowerCase()))) return [];
  return principal.principals.flatMap(({ kind, value }) => {
    const needed = BY_KIND.get(kind === "Federated" ? (value.includes(":saml-provider/") ? "saml" : "oidc") : kind);
    if (needed === undefined || actions.has(needed.toLowerCase())) return [];
    return [
      {
        statement: { ...statement, principal, action },
        message: `${value} can't assume a role with ${action.patterns.join(", ")}`,
        fix: `use ${needed}`,
      },
    ];
  });
}
