/** Which conditions limit what a statement allows, and which only look as if they did. */
import type { Action, Condition, Statement } from "@serverless-chat/iam";

/** Why a condition that names a good key limits nothing; undefined for one that does. */
export type Weakness = "negated" | "holds without the key" | "holds for any value";

export function weaknessOf({ operator, key, values }: Condition): Weakness | undefined {
  const written = operator.toLowerCase();
  if (written.startsWith("forallvalues:") || written.endsWith("ifexists")) return "holds without the key";
  const name = written.replace(/^foranyvalue:/, "");
  if (name.includes("not")) return "negated";
  // `Null: false` wants the key and takes any value; `Null: true` wants it away.
  if (name === "null") return "holds for any value";
  if (values.length === 0 || values.some((value) => holdsForAny(name, key.toLowerCase(), value)))
    return "holds for any value";
  return undefined;
}

/** Keys that say something of a request only where they are true: that they are false says next to nothing. */
const ONLY_IF_TRUE =
  /^(aws:(multifactorauthpresent|securetransport|principalisawsservice|viaawsservice)|kms:grantisforawsresource)$/;

function holdsForAny(operator: string, key: string, value: string): boolean {
  if (ONLY_IF_TRUE.test(key) && value.toLowerCase() === "false") return true;
  // Two halves of the Internet are all of it, and eight bits less are no office.
  if (operator.startsWith("ipaddress")) return Number(value.split("/")[1] ?? 128) < 8;
  // Every service's name ends so.
  if (key === "iam:passedtoservice") return /^[*?]*(\.?amazonaws\.com[*?]*)?$/.test(value);
  if (key === "iam:policyarn")
    return /:aws:policy\/(\*|.*(AdministratorAccess|PowerUserAccess|IAMFullAccess))/.test(value);
  if (!/like|arn/.test(operator)) return false;
  return /^\?*\*[*?]*$/.test(value) || /^o-[*?]+$/.test(value) || namesNoOwner(value);
}

/** An ARN of whatever account: everybody can have something of that name. */
function namesNoOwner(value: string): boolean {
  const [arn, , , , account, ...rest] = value.split(":");
  if (arn !== "arn") return false;
  // What is missing a wildcard stands for.
  if (rest.length === 0) return /[*?]/.test(value);
  return account === "" ? /^[*?]/.test(rest.join(":")) : /[*?]/.test(account ?? "");
}

/** Keys that say how a request was sent, for whom, or within what: none of them chooses between resources. */
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
 * Whether the statement's conditions limit on which resources an action may be done: by a key that the action or its
 * resource has, in a form that does not hold where the key is missing.
 */
export function narrowsResource({ conditions }: Statement, { name, conditionKeys, resources }: Action): boolean {
  return conditions.some((condition) => {
    const key = condition.key.toLowerCase();
    // IAM's own page: the tags of a role do not reliably control who may pass it.
    if (name === "iam:PassRole" && key.includes(":resourcetag/")) return false;
    if (ABOUT_THE_REQUEST.some((form) => form.test(key))) return false;
    if (weaknessOf(condition) !== undefined) return false;
    const isOneOf = (keys: string[]) => keys.some((pattern) => isKey(pattern, key));
    return isOneOf(conditionKeys) || resources.some((type) => isOneOf(type.conditionKeys));
  });
}

/** Whether some condition with a key of these limits who or what it is about. */
export function limits({ conditions }: Statement, keys: RegExp): boolean {
  return conditions.some((condition) => keys.test(condition.key.toLowerCase()) && weaknessOf(condition) === undefined);
}

/** Compares a key with one of the catalog, such as `aws:ResourceTag/${TagKey}` or `s3:ExistingObjectTag/<key>`. */
function isKey(pattern: string, key: string): boolean {
  const lower = pattern.toLowerCase();
  const variable = lower.search(/\$\{|</);
  return variable === -1 ? lower === key : key.startsWith(lower.slice(0, variable)) && key.length > variable;
}
