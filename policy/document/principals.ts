/** Who a statement of a trust or resource policy lets in. */
import { type Condition, matchesText, type PolicyDocument, type Statement } from "@serverless-chat/iam";
import { limits } from "./conditions.ts";
import type { DocumentContext } from "./subject.ts";

/** The account of an AWS principal: an ARN or the 12 digits themselves. */
export function accountOf(principal: string): string | undefined {
  return /^\d{12}$/.test(principal) ? principal : /^arn:[^:]*:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1];
}

/** A whole account, which then says by its own policies who of it. */
export function isWholeAccount(principal: string): boolean {
  return /^\d{12}$/.test(principal) || /^arn:[^:]*:iam::\d{12}:root$/.test(principal);
}

/**
 * A key policy that names the account itself delegates to the account's identity policies, as every key policy should:
 * without it nobody could change the key any more.
 */
export function delegatesToAccount({ principal }: Statement, { kind, service, account }: DocumentContext): boolean {
  return (
    kind === "resource" &&
    service === "kms" &&
    principal?.negated === false &&
    principal.principals.every(
      ({ kind, value }) =>
        kind === "AWS" && isWholeAccount(value) && (account ?? accountOf(value)) === accountOf(value),
    )
  );
}

/** Keys by which a statement for everybody is for some after all. */
const BINDS =
  /^(aws:principal(orgid|orgpaths|account|arn|isawsservice|servicename)|aws:source(account|owner|arn|orgid|orgpaths|vpc|vpce|ip)|aws:vpcsourceip|aws:userid|kms:calleraccount|s3:dataaccesspoint(account|arn)|sns:endpoint|elasticfilesystem:accessedviamounttarget)$/;

/** Whether conditions say which of all strangers may: its own, or those of a Deny for everybody else. */
export function isBound(statement: Statement, { statements }: PolicyDocument): boolean {
  if (limits(statement, BINDS)) return true;
  return statements.some((other) => keepsOthersOut(other) && covers(other, statement));
}

/** A Deny for everybody who does not have a key, or another value of it. */
function keepsOthersOut({ effect, principal, conditions }: Statement): boolean {
  const isForAll = principal?.principals.some(({ value }) => value === "*") ?? false;
  const isForOthers = ({ operator, key }: Condition) =>
    BINDS.test(key.toLowerCase()) && /^(string|arn|numeric|date)?not(?!.*ifexists$)/i.test(operator);
  return effect === "Deny" && isForAll && conditions.length > 0 && conditions.every(isForOthers);
}

function covers(denial: Statement, allow: Statement): boolean {
  const within = (patterns: string[], pattern: string) =>
    patterns.some((other) => matchesText(other, pattern, undefined));
  return (
    !denial.action.negated &&
    allow.action.patterns.every((pattern) => within(denial.action.patterns, pattern)) &&
    (allow.resource?.patterns ?? []).every((pattern) => within(denial.resource?.patterns ?? [], pattern))
  );
}
