/** Principals that a statement of a trust or resource policy admits. */
import { type Condition, matchesText, type PolicyDocument, type Statement } from "@serverless-chat/iam";
import { limits } from "./conditions.ts";
import type { DocumentContext } from "./subject.ts";

/** The account of an AWS principal: an ARN or the 12 digits themselves. */
export function accountOf(principal: string): string | undefined {
  return /^\d{12}$/.test(principal) ? principal : /^arn:[^:]*:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1];
}

/**
 * The account that a policy's resource belongs to: the configured one, or the account in the ARNs of its resources, or,
 * in a key policy, the account that the key delegates to. Undefined if there is none of these.
 */
export function ownAccountOf({ statements }: PolicyDocument, context: DocumentContext): string | undefined {
  const { account, kind, service } = context;
  if (account !== undefined) return account;
  const owners = new Set(
    statements.flatMap(({ resource }) => (resource?.patterns ?? []).map((arn) => arn.split(":")[4] ?? "")),
  );
  const [owner = "", ...others] = [...owners].filter((part) => /^\d{12}$/.test(part));
  if (kind === "resource" && owner !== "" && others.length === 0) return owner;
  if (service !== "kms") return undefined;
  const delegation = statements.find(
    ({ effect, action }) => effect === "Allow" && action.patterns.some((pattern) => /^(kms:)?\*$/.test(pattern)),
  );
  return delegation?.principal?.principals.map(({ value }) => accountOf(value)).find((of) => of !== undefined);
}

/** Whether a principal is a whole account, whose own policies then decide who is admitted. */
export function isWholeAccount(principal: string): boolean {
  return /^\d{12}$/.test(principal) || /^arn:[^:]*:iam::\d{12}:root$/.test(principal);
}

/**
 * Whether a statement delegates to the identity policies of the stack's own account. Every key policy should, because
 * without such a statement nobody could change the key. A new queue or topic has one by default.
 */
export function delegatesToAccount(
  { principal }: Statement,
  document: PolicyDocument,
  context: DocumentContext,
): boolean {
  if (context.kind !== "resource" || principal === undefined || principal.negated) return false;
  const own = ownAccountOf(document, context);
  return (
    (own !== undefined || context.service === "kms") &&
    principal.principals.every(
      ({ kind, value }) => kind === "AWS" && isWholeAccount(value) && (own ?? accountOf(value)) === accountOf(value),
    )
  );
}

/**
 * Whether a bucket policy delegates to the access points of an account, as the S3 guide recommends: the policies of the
 * access points then name the actions.
 */
export function delegatesToAccessPoints(statement: Statement): boolean {
  return limits(statement, /^s3:dataaccesspoint(account|arn)$/);
}

/**
 * Condition keys that identify callers. With a condition on one of them, a statement for everyone admits only the
 * callers that the condition names.
 */
const BINDS =
  /^(aws:principal(orgid|orgpaths|account|arn|isawsservice|servicename)|aws:source(account|owner|arn|orgid|orgpaths|vpc|vpce|ip)|aws:vpcsourceip|aws:userid|kms:calleraccount|s3:dataaccesspoint(account|arn)|sns:endpoint|elasticfilesystem:accessedviamounttarget)$/;

/** Whether conditions identify the callers, either in the statement or in a Deny for everyone else. */
export function isBound(statement: Statement, { statements }: PolicyDocument): boolean {
  if (limits(statement, BINDS)) return true;
  return statements.some((other) => keepsOthersOut(other) && covers(other, statement));
}

/** Whether a statement denies everyone whose request lacks a key or has a different value for it. */
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
