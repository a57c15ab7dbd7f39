import type { Problem } from "../../finding.ts";
import type { StackContext } from "../../resources/resource.ts";
import { isUnknown } from "../../resources/unknown.ts";
import type { ResourceRule } from "../rule.ts";

/** Services that don't send a source ARN. Alexa and Lex identify the caller by other means. */
const SENDS_NO_SOURCE = /^(lex|alexa-appkit|alexa-connectedhome|opsworks)\./;

export const lambdaPermission: ResourceRule = {
  id: "lambda-permission",
  severity: "high",
  title: "A function can be invoked or changed by unintended callers",
  types: ["aws:lambda/permission:Permission", "aws:lambda/functionUrl:FunctionUrl"],
  check: ({ type, props }, context) => {
    if (type === "aws:lambda/functionUrl:FunctionUrl") return functionUrlProblems(props);
    return [...actionProblems(props, context), ...callerProblems(props)];
  },
};

type Props = Record<string, unknown>;

function functionUrlProblems({ authorizationType }: Props): Problem[] {
  if (authorizationType !== "NONE") return [];
  return [{ message: "the function URL is open to everyone", fix: { authorizationType: "AWS_IAM" } }];
}

/** Actions that call a function or read its settings. */
const INVOKES_OR_READS = /^lambda:(Invoke(Function|FunctionUrl|Async)|EnableReplication\*?|Get\w+|List\w+)$/i;

function actionProblems({ action, principal }: Props, { account, trustedAccounts = [] }: StackContext): Problem[] {
  if (typeof action !== "string" || INVOKES_OR_READS.test(action)) return [];
  const owner =
    typeof principal === "string" ? /^(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(principal)?.[1] : "";
  const isOwn = owner !== undefined && [account, ...trustedAccounts].includes(owner);
  if (isOwn && !action.includes("*")) return [];
  return [
    {
      message: `${action} lets ${String(principal)} do more than invoke the function`,
      fix: { action: "lambda:InvokeFunction" },
    },
  ];
}

function callerProblems(props: Props): Problem[] {
  const { principal, sourceArn, sourceAccount, principalOrgId, eventSourceToken, functionUrlAuthType } = props;
  if (sourceArn === "" || sourceAccount === "") {
    const empty = sourceArn === "" ? "sourceArn" : "sourceAccount";
    return callerProblems({ ...props, [empty]: undefined });
  }
  const isAnySource = sourceArn === undefined || (typeof sourceArn === "string" && isOpen(sourceArn));
  if (principal === "*" && isAnySource && sourceAccount === undefined && principalOrgId === undefined) {
    return [{ message: "everyone can invoke the function", fix: { principal: "ACCOUNT_OR_SERVICE" } }];
  }
  if (functionUrlAuthType === "NONE") {
    return [{ message: "the function URL is open to everyone", fix: { functionUrlAuthType: "AWS_IAM" } }];
  }
  if (typeof principal !== "string" || !/\.amazonaws\.com(\.cn)?$/.test(principal)) return [];
  if (SENDS_NO_SOURCE.test(principal) || eventSourceToken !== undefined) return [];
  if (sourceAccount !== undefined) return [];
  if (/^s3\./.test(principal) && sourceArn !== undefined) {
    return isUnknown(sourceArn) || hasNoAccount(String(sourceArn)) ? [bucketProblem()] : [];
  }
  if (isUnknown(sourceArn)) return [];
  if (sourceArn === undefined) {
    return [
      {
        message: `${principal} can invoke the function on behalf of any account and resource`,
        fix: { sourceArn: `ARN_OF_THE_${principal.split(".")[0]?.toUpperCase().replaceAll("-", "_")}_RESOURCE` },
      },
    ];
  }
  if (typeof sourceArn !== "string" || !isOpen(sourceArn)) return [];
  return [
    {
      message: `sourceArn ${JSON.stringify(sourceArn)} matches resources of any account`,
      fix: { sourceArn: "an ARN that includes the account" },
    },
  ];
}

/** Returns advice only, because the bucket is the right one as long as it exists. */
function bucketProblem(): Problem {
  return {
    severity: "medium",
    message:
      "a bucket's ARN has no account: if the bucket is deleted, another account can create one with its name and invoke the function",
    fix: { sourceAccount: "ACCOUNT" },
  };
}

function hasNoAccount(arn: string): boolean {
  return !/^\d{12}$/.test(arn.split(":")[4] ?? "");
}

/** Whether an ARN pattern matches resources of any account. */
function isOpen(arn: string): boolean {
  const [, , , , account = "", ...rest] = arn.split(":");
  if (rest.length === 0) return /^\?*\*/.test(arn);
  return account === "" ? /^[*?]/.test(rest.join(":")) : /[*?]/.test(account);
}
