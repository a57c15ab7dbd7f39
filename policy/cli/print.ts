/**
 * Prints findings, one per line, and a summary. Findings that stop the preview come first, then advice, then those in
 * the baseline, oldest first.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BaselineEntry } from "../baseline.ts";
import { describeException } from "../exceptions.ts";
import type { DocumentText } from "../fixes/finalTexts.ts";
import { referenceTo } from "../pack/formatFinding.ts";
import { summaryOf } from "../reports/report.ts";
import type { TriagedFinding } from "../triage.ts";

const ORDER = { stops: 0, advises: 1, baseline: 2, excepted: 3 };

export function printFindings(findings: TriagedFinding[], fixed: BaselineEntry[], isQuiet: boolean): void {
  const shown = findings
    .filter(({ outcome }) => outcome === "stops" || (!isQuiet && outcome !== "excepted"))
    .sort((a, b) => ORDER[a.outcome] - ORDER[b.outcome] || (a.since ?? "").localeCompare(b.since ?? ""));
  for (const finding of shown) console.log(lineOf(finding));
  const { stops, advises, baseline, excepted } = summaryOf(findings);
  if (findings.length > 0) console.log("");
  const counts = [`${stops} stop`, `${advises} advise`, `${baseline} in the baseline`, `${excepted} excepted`];
  console.log(`${findings.length === 0 ? "no" : findings.length} findings: ${counts.join(", ")}`);
  const used = new Set(
    findings.flatMap(({ outcome, exception }) => (outcome === "excepted" && exception ? [exception] : [])),
  );
  for (const exception of used) console.log(`in use: ${describeException(exception)}`);
  if (fixed.length > 0) console.log(`${fixed.length} findings of the baseline are fixed: record the baseline again`);
}

/** Prints how many files the summary is about. */
export function printFiles(checked: number, unreadable: number): void {
  const rest = unreadable === 0 ? "" : `, ${counted(unreadable)} not checked because of the warnings above`;
  console.log(`${counted(checked)} checked${rest}`);
}

function counted(files: number): string {
  return `${files} ${files === 1 ? "file" : "files"}`;
}

/**
 * @example error policy.json statement 0: the action "s3:*" allows … [wildcard-action 3f2a…]
 * file:///…/docs/wildcard-action.md
 */
function lineOf({ outcome, resource, statement, path, message, rule, hash, since, note }: TriagedFinding): string {
  const level = { stops: "error", advises: "advice", baseline: `since ${since}`, excepted: "excepted" }[outcome];
  const where = [resource.name, path, statement && referenceTo(statement)].filter(Boolean).join(" ");
  const link = pathToFileURL(join(import.meta.dirname, "docs", `${rule}.md`)).href;
  return `${level} ${where}: ${message}${note === undefined ? "" : `; ${note}`} [${rule} ${hash}] ${link}`;
}

/** Prints, for each document with several findings, a text that replaces it. */
export function printTexts(texts: DocumentText[]): void {
  for (const { resource, path, text } of texts) {
    console.log(`\nreplace all of ${[resource.name, path].filter(Boolean).join(" ")} with:`);
    console.log(JSON.stringify(text, null, 2));
  }
}
