import { isUnknown } from "../../resources/unknown.ts";
import type { ResourceRule } from "../rule.ts";

/** These call for whoever has the account's permission, and say no source. */
const SENDS_NO_SOURCE = /^(elasticloadbalancing|lex|alexa-appkit|alexa-connectedhome|opsworks)\./;

export const lambdaPermission: ResourceRule = {
  id: "lambda-permission",
  severity: "high",
  title: "A function may be invoked by more than the one that is meant",
  types: ["aws:lambda/permission:Permission", "aws:lambda/functionUrl:FunctionUrl"],
  check: ({ type, props }) => {
    if (type === "aws:lambda/functionUrl:FunctionUrl") return functionUrlProblems(props);
    const { principal, sourceArn, sourceAccount, principalOrgId, eventSourceToken, functionUrlAuthType } = props;
    const isAnySource = sourceArn === undefined || (typeof sourceArn === "string" && isOpen(sourceArn));
    if (principal === "*" && isAnySource && sourceAccount === undefined && principalOrgId === undefined) {
      return [
        { message: "everybody may invoke the function", fix: { principal: "the account or service that is meant" } },
      ];
    }
    if (functionUrlAuthType === "NONE") {
      return [{ message: "the function's URL asks nobody who they are", fix: { functionUrlAuthType: "AWS_IAM" } }];
    }
    if (typeof principal !== "string" || !/\.amazonaws\.com(\.cn)?$/.test(principal)) return [];
    if (SENDS_NO_SOURCE.test(principal) || eventSourceToken !== undefined) return [];
    if (isUnknown(sourceArn)) return [];
    if (sourceArn === undefined && sourceAccount === undefined) {
      return [
        {
          message: `${principal} may invoke the function for whatever account and resource asks it to`,
          fix: { sourceArn: `the ARN of the resource of ${principal} that invokes it` },
        },
      ];
    }
    if (typeof sourceArn !== "string" || !isOpen(sourceArn) || sourceAccount !== undefined) return [];
    return [
      {
        message: `sourceArn ${JSON.stringify(sourceArn)} is whatever account's`,
        fix: { sourceArn: "an ARN with the account in it" },
      },
    ];
  },
};

function functionUrlProblems({ authorizationType }: Record<string, unknown>) {
  if (authorizationType !== "NONE") return [];
  return [
    {
      message: "the function's URL asks nobody who they are",
      fix: { authorizationType: "AWS_IAM" },
    },
  ];
}

/** Whether everybody has something that an ARN names: it is in any account, or in none and named by nothing. */
function isOpen(arn: string): boolean {
  const [, , , , account = "", ...rest] = arn.split(":");
  if (rest.length === 0) return /^\?*\*/.test(arn);
  return account === "" ? /^[*?]/.test(rest.join(":")) : /[*?]/.test(account);
}
