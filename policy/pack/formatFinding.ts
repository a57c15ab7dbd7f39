/** Findings as people read them. */
import type { Finding } from "../finding.ts";

/** More would scroll the rest away. */
const MAX_FIX_CHARACTERS = 2_000;

/**
 * @example
 * statement "Reading" of policy: the resource "*" names …
 *   paste: {"Sid":"Reading","Effect":"Allow",…}
 *   why:   docs/policy/wildcard-resource.md
 */
export function formatFinding({ rule, message, fix, statement, path }: Finding & { path?: string }): string {
  const where = [statement === undefined ? undefined : placeOf(statement), path].filter(Boolean).join(" of ");
  const text = typeof fix === "string" ? fix : JSON.stringify(fix);
  const cut = text.length > MAX_FIX_CHARACTERS ? `${text.slice(0, MAX_FIX_CHARACTERS)}…` : text;
  return [
    `${where}${where === "" ? "" : ": "}${message}`,
    `  ${typeof fix === "string" ? "do:   " : "paste:"} ${cut}`,
    `  why:   docs/policy/${rule}.md`,
  ].join("\n");
}

function placeOf({ sid, index }: NonNullable<Finding["statement"]>): string {
  return sid === undefined || sid === "" ? `statement ${index}` : `statement ${JSON.stringify(sid)}`;
}
