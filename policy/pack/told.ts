/** Findings as people read them. */
import type { Finding } from "../analysis/finding.ts";

/** More would scroll the rest away. */
const LONGEST_FIX = 2_000;

/**
 * @example
 * statement "Reading" of policy: the resource "*" names …
 *   paste: {"Sid":"Reading","Effect":"Allow",…}
 *   why:   docs/policy/wildcard-resource.md
 */
export function told({ rule, message, fix, statement, path }: Finding & { path?: string }): string {
  const where = [statement === undefined ? undefined : placeOf(statement), path].filter(Boolean).join(" of ");
  const text = typeof fix === "string" ? fix : JSON.stringify(fix);
  const cut = text.length > LONGEST_FIX ? `${text.slice(0, LONGEST_FIX)}…` : text;
  return [
    `${where}${where === "" ? "" : ": "}${message}`,
    `  ${typeof fix === "string" ? "do:   " : "paste:"} ${cut}`,
    `  why:   docs/policy/${rule}.md`,
  ].join("\n");
}

function placeOf({ sid, index }: NonNullable<Finding["statement"]>): string {
  return sid === undefined || sid === "" ? `statement ${index}` : `statement ${JSON.stringify(sid)}`;
}
