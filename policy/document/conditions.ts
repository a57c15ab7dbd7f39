/** Distinguishes conditions that limit a statement from those that only appear to. */
import type { Action, Condition, Statement } from "@serverless-chat/iam";

/** Reason why a condition limits nothing although its key could. */
export type Weakness = "negated" | "holds without the key" | "holds for any value";

/** Returns the reason why a condition limits nothing; undefined if it does limit the statement. */
export function weaknessOf({ operator, key, values }: Condition): Weakness | undefined {
  const written = operator.toLowerCase();
  if (written.startsWith("forallvalues:") || written.endsWith("ifexists")) return "holds without the key";
  const name = written.replace(/^foranyvalue:/, "");
  if (name.includes("not")) return "negated";
  const isTag = TAG.test(key);
  // `Null: false` requires the key and accepts any value. With a tag this is a limit, because most resources lack the
  // tag.
  if (name === "null") return isTag && values.every((value) => value === "false") ? undefined : "holds for any value";
  if (isTag && values.length > 0) return undefined;
  if (values.length === 0 || values.some((value) => holdsForAny(name, key.toLowerCase(), value)))
    return "holds for any value";
  return undefined;
}

/** Matches keys for a tag of a resource or request, such as `aws:ResourceTag/team`. */
const TAG = /:(resource|request|existingobject)tag\/./i;

/** Keys that limit a statement only if the condition requires `true`, because they are false in most requests. */
const ONLY_IF_TRUE =
  /^(aws:(multifactorauthpresent|securetransport|principalisawsservice|viaawsservice)|kms:grantisforawsresource)$/;

function holdsForAny(operator: string, key: string, value: string): boolean {
  if (ONLY_IF_TRUE.test(key) && value.toLowerCase() === "false") return true;
  // Prefixes shorter than /8 restrict nothing: two /1 prefixes cover the whole Internet.
  if (operator.startsWith("ipaddress")) return Number(value.split("/")[1] ?? 128) < 8;
  // Services' names end with `amazonaws.com` (or, in China, `amazonaws.com.cn`), so a pattern that has only wildcards
  // around `amazonaws.com` limits nothing.
  if (key === "iam:passedtoservice") return /^[*?]*(\.?amazonaws\.com[*?]*)?$/.test(value);
  if (key === "iam:policyarn")
    return /:aws:policy\/(\*|.*(AdministratorAccess|PowerUserAccess|IAMFullAccess))/.test(value);
  if (!/like|arn/.test(operator)) return false;
  return /^\?*\*[*?]*$/.test(value) || /^o-[*?]+$/.test(value) || namesNoOwner(value);
}

/** Whether an ARN pattern leaves the account open, so that anyone can own a matching resource. */
function namesNoOwner(value: string): boolean {
  const [arn, , , , account, ...rest] = value.split(":");
  if (arn !== "arn") return false;
  // The wildcard also covers the missing parts.
  if (rest.length === 0) return /[*?]/.test(value);
  return account === "" ? /^[*?]/.test(rest.join(":")) : /[*?]/.test(account ?? "");
}

/** Keys that describe the request or its sender. None of them limits the resources. */
const ABOUT_THE_REQUEST = [
  /^aws:resource(account|orgid|orgpaths)$/,
  /^s3:(prefix|delimiter|max-keys|resourceaccount|locationconstraint)$/,
  /^iam:(passedtoservice|associatedresourcearn)$/,
  /^kms:(grantisforawsresource|grantoperations|grantconstrainttype)$/,
  /^aws:securetransport$/,
  /^s3:(tlsversion|signatureage|signatureversion|authtype|x-amz-content-sha256)$/,
  /^dynamodb:(returnvalues|returnconsumedcapacity|select|fulltablescan)$/,
];

/**
 * Whether a statement's conditions limit the resources of an action: they use a key that the action or its resource
 * supports, in a form that doesn't hold if the key is missing.
 */
export function narrowsResource({ conditions }: Statement, action: Action): boolean {
  return conditions.some((condition) => {
    const key = condition.key.toLowerCase();
    // The IAM guide says that tags of a role don't reliably control who can pass it.
    if (action.name === "iam:PassRole" && key.includes(":resourcetag/")) return false;
    if (ABOUT_THE_REQUEST.some((form) => form.test(key))) return false;
    return weaknessOf(condition) === undefined && hasKey(action, key);
  });
}

/** Whether an action, or one of its resources, has a condition key. */
export function hasKey({ conditionKeys, resources }: Action, key: string): boolean {
  const isOneOf = (keys: string[]) => keys.some((pattern) => isKey(pattern, key));
  return isOneOf(conditionKeys) || resources.some((type) => isOneOf(type.conditionKeys));
}

/**
 * Whether the conditions of a statement can hold for an action. A wildcard also matches actions whose requests never
 * have the condition's key, and the statement doesn't allow those.
 */
export function canHoldFor({ conditions }: Statement, action: Action): boolean {
  const prefix = action.name.slice(0, action.name.indexOf(":") + 1);
  return conditions.every((condition) => {
    const key = condition.key.toLowerCase();
    return !key.startsWith(prefix) || weaknessOf(condition) !== undefined || hasKey(action, key);
  });
}

/** Whether a condition on one of these keys, given in lowercase, limits the statement. */
export function limits({ conditions }: Statement, keys: RegExp): boolean {
  return conditions.some((condition) => keys.test(condition.key.toLowerCase()) && weaknessOf(condition) === undefined);
}

/**
 * Compares a key with a pattern of the catalog, such as `aws:ResourceTag/${TagKey}` or `s3:ExistingObjectTag/<key>`.
 */
export function isKey(pattern: string, key: string): boolean {
  const lower = pattern.toLowerCase();
  const variable = lower.search(/\$\{|</);
  return variable === -1 ? lower === key : key.startsWith(lower.slice(0, variable)) && key.length > variable;
}
