/** How much of the world a resource pattern names. */
import type { Catalog } from "@serverless-chat/iam";

/**
 * `all`: everything. `wide`: every resource of a type, or those of any account. `some`: those that share the beginning
 * or the end of a name, or one in any Region. `one`: one.
 */
export type Scope = "all" | "wide" | "some" | "one";

export const WIDTH: Record<Scope, number> = { one: 0, some: 1, wide: 2, all: 3 };

/** The ARN that stands for one which is not known yet: one resource, whichever. */
export const SOME_ARN = "arn:aws:unknown:::until-the-update";

const ONLY_WILDCARDS = /^\?*\*[*?]*$/;
/** Wildcards and what separates the parts of a name. */
const NO_NAME = /^[?/:]*\*[*?/:]*$/;

export function scopeOf(pattern: string, catalog: Catalog): Scope {
  if (ONLY_WILDCARDS.test(pattern)) return "all";
  const [arn, partition = "", service = "", , account = "", ...last] = pattern.split(":");
  const rest = last.join(":");
  if (/[*?]/.test(arn ?? "") || partition === "" || (/[*?]/.test(service) && last.length === 0)) {
    return /[*?]/.test(pattern) ? "wide" : "one";
  }
  // `arn:*` and `arn:aws:s3:*` name what their missing parts would have limited.
  if (last.length === 0) return /[*?]/.test(pattern) ? "wide" : "one";
  if (ONLY_WILDCARDS.test(service) || NO_NAME.test(rest)) return "wide";
  // Names of buckets are everybody's: whoever likes has one that ends so.
  if (service === "s3" && account === "" && /^[*?]/.test(rest)) return "wide";
  const templates = catalog.templatesOf(service);
  if (ONLY_WILDCARDS.test(account) && templates.some((template) => template.split(":")[4] !== "")) return "wide";
  if (templates.some((template) => namesNothing(rest, template.split(":").slice(5).join(":")))) return "wide";
  return /[*?]/.test(withoutVariables(pattern)) ? "some" : "one";
}

/** Whether a pattern, read by a template such as `table/${TableName}`, has wildcards where the name would be. */
function namesNothing(pattern: string, template: string): boolean {
  const variable = template.indexOf("${");
  if (variable === -1) return false;
  const literal = template.slice(0, variable);
  const wildcard = pattern.search(/[*?]/);
  if (wildcard === -1) return false;
  // `table/*` and `tab*`: nothing is left of the name.
  if (literal.startsWith(pattern.slice(0, wildcard)) && NO_NAME.test(pattern.slice(wildcard))) return true;
  if (!pattern.startsWith(literal)) return false;
  // `table/*/index/byDate`: a name follows, of something within.
  const separator = template.slice(template.indexOf("}", variable) + 1)[0];
  // An id that AWS gives, before the name: the name counts.
  if (/Id\}/.test(template.slice(variable, template.indexOf("}", variable) + 1)) && !/[*?]$/.test(pattern))
    return false;
  const name = pattern.slice(literal.length);
  return separator !== undefined && ONLY_WILDCARDS.test(name.split(separator)[0] ?? "");
}

/** A policy variable limits like a name does; `${*}` is a star as it is written. */
function withoutVariables(pattern: string): string {
  return pattern.replace(/\$\{[^{}]*\}/g, "v");
}
