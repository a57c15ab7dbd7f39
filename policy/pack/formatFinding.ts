/** Formats findings for the terminal. */
import type { Finding } from "../finding.ts";
import type { TriagedFinding } from "../triage.ts";

/** Maximum length of a fix that is printed, because a longer one would scroll the other findings away. */
const MAX_FIX_CHARACTERS = 2_000;

/** @returns a link to the page about a rule, such as `docs/policy/wide-resource.md` */
export type LinkTo = (rule: string) => string;

/** A text that replaces a document with several findings, or the rule whose finding already shows it. */
export type FinalText = object | string;

/**
 * Formats a finding. Advice, or a finding in the baseline, is one line. A finding that stops the preview has its fix on
 * a second line.
 *
 * @example
 * statement "Reading" of policy: the resource "*" covers … (docs/policy/wildcard-resource.md)
 *   paste: {"Sid":"Reading","Effect":"Allow",…}
 */
export function formatFinding(
  finding: Finding & Partial<TriagedFinding> & { path?: string },
  linkTo: LinkTo,
  finalText?: FinalText,
): string {
  const { rule, message, fix, statement, path, note, since, outcome } = finding;
  const where = [statement === undefined ? undefined : referenceTo(statement), path].filter(Boolean).join(" of ");
  const age = since === undefined ? "" : `in the baseline since ${since}: `;
  const first = `${age}${where}${where === "" ? "" : ": "}${message}${note === undefined ? "" : `; ${note}`} (${linkTo(rule)})`;
  if (outcome === "advises" || outcome === "baseline") return first;
  if (typeof finalText === "string") return `${first}\n  fixed by the text at ${finalText}`;
  if (finalText !== undefined) return `${first}\n  replace all of ${path} with: ${JSON.stringify(finalText)}`;
  const text = typeof fix === "string" ? fix : JSON.stringify(fix);
  const cut = text.length > MAX_FIX_CHARACTERS ? `${text.slice(0, MAX_FIX_CHARACTERS)}…` : text;
  return `${first}\n  ${typeof fix === "string" ? "do:" : "paste:"} ${cut}`;
}

/** Refers to a statement by its Sid, or by its index if it has none. */
export function referenceTo({ sid, index }: NonNullable<Finding["statement"]>): string {
  return sid === undefined || sid === "" ? `statement ${index}` : `statement ${JSON.stringify(sid)}`;
}
