/** Finds values of conditions that no request can have. */
import { isIP } from "node:net";
import type { Condition } from "@serverless-chat/iam";

export interface ValueProblem {
  value: string;
  /** Continues a sentence after the value, such as "which isn't a number". */
  why: string;
  fix?: object;
}

/** Returns what is wrong with a condition's values; undefined if requests can have them. */
export function valueProblem(condition: Condition): ValueProblem | undefined {
  const { operator, key, values } = condition;
  const name = operator
    .toLowerCase()
    .replace(/^for(any|all)values?:/, "")
    .replace(/ifexists$/, "");
  for (const value of values) {
    if (isPlaceholder(value)) continue;
    const why = problemOfType(name, value) ?? problemOfKey(key.toLowerCase(), name, value);
    if (why !== undefined) return { value, why };
    if (isLiteralWildcard(name, key, value))
      return { value, why: "in which the asterisk isn't a wildcard", fix: withWildcards(condition) };
  }
  // A private range next to public ones does no harm.
  const [first] = values;
  if (first !== undefined && key.toLowerCase() === "aws:sourceip" && values.every(isPrivate))
    return { value: first, why: "which is a private address, whereas requests come from public ones" };
  return undefined;
}

/** Whether text stands for a value that isn't known yet: a variable, a template's parameter, or a placeholder. */
function isPlaceholder(value: string): boolean {
  return /\$\{|\bName\b|ACCOUNT|REGION|:unknown:|^[A-Z]+(_[A-Z]+)+$/.test(value);
}

function problemOfType(operator: string, value: string): string | undefined {
  if ((operator === "bool" || operator === "null") && !/^(true|false)$/i.test(value))
    return "which is neither true nor false";
  if (operator.startsWith("numeric") && (value.trim() === "" || Number.isNaN(Number(value))))
    return "which isn't a number";
  if (operator.startsWith("date") && !/^\d+$/.test(value) && Number.isNaN(Date.parse(value)))
    return "which isn't a date";
  if (operator.endsWith("ipaddress") && !isRange(value)) return "which isn't a range of IP addresses";
  if (operator.startsWith("arn") && !/^(arn|[*?])/.test(value)) return "which isn't an ARN";
  return undefined;
}

function isRange(value: string): boolean {
  const [address = "", prefix, ...others] = value.split("/");
  const family = isIP(address);
  if (family === 0 || others.length > 0) return false;
  return prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

function isPrivate(value: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(value);
}

/** Values that no request has for these global keys. `why` continues the finding's sentence after the value. */
const FORMS: [keys: RegExp, isWrong: RegExp, why: string][] = [
  [
    /^(aws:(source|principal|resource)account|kms:calleraccount|s3:(resource|dataaccesspoint)account)$/,
    /^(arn:.*|\d{1,11}|\d{13,})$/,
    "which isn't an account of 12 digits",
  ],
  [/^aws:(principal|source|resource)orgid$/, /^(r|ou)-|^\d+$|^arn:/, "which isn't the id of an organization"],
  [/^aws:sourcevpc$/, /^(vpce|subnet|sg)-/, "which isn't the id of a VPC"],
  [/^aws:sourcevpce$/, /^(vpc|subnet|sg)-/, "which isn't the id of a VPC endpoint"],
  [/^aws:(source|principal)arn$/, /^\d{12}$|\.amazonaws\.com$/, "which isn't an ARN"],
  [
    /^aws:principalarn$/,
    /^arn:[^:]+:sts:.*:assumed-role\//,
    "which is a session, whereas requests have the ARN of its role",
  ],
  [
    /^aws:requestedregion$/,
    /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/,
    "which is an Availability Zone, whereas requests have the Region",
  ],
  [/^iam:passedtoservice$/, /^[^.*?]+$/, "which isn't a service's name such as lambda.amazonaws.com"],
];

function problemOfKey(key: string, operator: string, value: string): string | undefined {
  if (/^string(not)?equals/.test(operator) && /^aws:(vpc)?sourceip$/.test(key) && value.includes("/"))
    return "which is a range, and only IpAddress supports ranges";
  return FORMS.find(([keys, isWrong]) => keys.test(key) && isWrong.test(value))?.[2];
}

/** Whether a value has an asterisk that its operator takes literally. In encryption contexts, that may be intended. */
function isLiteralWildcard(operator: string, key: string, value: string): boolean {
  return /^string(not)?equals/.test(operator) && value.includes("*") && !/^kms:encryptioncontext/i.test(key);
}

function withWildcards({ operator, key, values }: Condition): object {
  return { Condition: { [operator.replace(/Equals(IgnoreCase)?/i, "Like")]: { [key]: values } } };
}
