/** Determines how many resources a pattern matches. */
import type { Catalog } from "@serverless-chat/iam";

/**
 * `all`: everything. `wide`: every resource of a type, or resources of any account. `some`: resources that share the
 * beginning or end of a name, or one name in any Region. `one`: a single resource.
 */
export type Scope = "all" | "wide" | "some" | "one";

export const WIDTH: Record<Scope, number> = { one: 0, some: 1, wide: 2, all: 3 };

/** Replaces an ARN that isn't known before the update. It counts as a single resource. */
export const SOME_ARN = "arn:aws:unknown:::until-the-update";

/** Whether an ARN, or the part of it that says what it names, isn't known before the update. */
export function isUnknownArn(pattern: string): boolean {
  return pattern.startsWith("arn:aws:unknown:");
}

const ONLY_WILDCARDS = /^\?*\*[*?]*$/;
/** Matches text that consists of wildcards and separators only. */
const NO_NAME = /^[?/:]*\*[*?/:]*$/;

/** Variables whose values appear only in the names of the caller's own resources. */
const NAMES_CALLER = /\$\{(aws:user(name|id)|cognito-identity\.amazonaws\.com:sub)\}/i;

export function scopeOf(pattern: string, catalog: Catalog): Scope {
  if (ONLY_WILDCARDS.test(pattern)) return "all";
  const [arn, partition = "", service = "", , account = "", ...last] = pattern.split(":");
  const rest = last.join(":");
  if (/[*?]/.test(arn ?? "") || partition === "" || (/[*?]/.test(service) && last.length === 0)) {
    return /[*?]/.test(pattern) ? "wide" : "one";
  }
  // In `arn:*` and `arn:aws:s3:*`, the parts that would limit the pattern are missing.
  if (last.length === 0) return /[*?]/.test(pattern) ? "wide" : "one";
  if (ONLY_WILDCARDS.test(service) || NO_NAME.test(rest)) return "wide";
  // Bucket names are global, so anyone can create a bucket whose name ends like this.
  if (service === "s3" && account === "" && /^[*?]/.test(rest)) return "wide";
  const templates = catalog.templatesOf(service);
  // IAM calls reach only the caller's own account, and a pattern with the caller's name matches only the caller's own
  // resources.
  const isOwnAccount = service === "iam" || NAMES_CALLER.test(rest);
  if (!isOwnAccount && ONLY_WILDCARDS.test(account) && templates.some((template) => template.split(":")[4] !== ""))
    return "wide";
  if (templates.some((template) => namesNothing(rest, template.split(":").slice(5).join(":")))) return "wide";
  const relevant = isOwnAccount ? rest : pattern;
  return /[*?]/.test(withoutVariables(relevant)) ? "some" : "one";
}

/** Whether a pattern has wildcards where a template such as `table/${TableName}` has the name. */
function namesNothing(pattern: string, template: string): boolean {
  const variable = template.indexOf("${");
  if (variable === -1) return false;
  const literal = template.slice(0, variable);
  const wildcard = pattern.search(/[*?]/);
  if (wildcard === -1) return false;
  // `table/*` and `tab*` don't contain any part of the name.
  if (literal.startsWith(pattern.slice(0, wildcard)) && NO_NAME.test(pattern.slice(wildcard))) return true;
  if (!pattern.startsWith(literal)) return false;
  // `table/*/index/byDate` names something inside every table.
  const separator = template.slice(template.indexOf("}", variable) + 1)[0];
  // If the template begins with an id that AWS assigns, such as `${ApiId}`, the name after the id limits the pattern.
  if (/Id\}/.test(template.slice(variable, template.indexOf("}", variable) + 1)) && !/[*?]$/.test(pattern))
    return false;
  const name = pattern.slice(literal.length);
  return separator !== undefined && ONLY_WILDCARDS.test(name.split(separator)[0] ?? "");
}

/** Replaces policy variables, which limit a pattern like a name does. */
function withoutVariables(pattern: string): string {
  return pattern.replace(/\$\{[^{}]*\}/g, "v");
}
