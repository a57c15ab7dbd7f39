/** JUnit XML, which CI services show as test results: one suite per resource, one case per finding. */
import { referenceTo } from "../pack/formatFinding.ts";
import type { TriagedFinding } from "../triage.ts";

export function junitReport(findings: TriagedFinding[]): string {
  const byResource = new Map<string, TriagedFinding[]>();
  for (const finding of findings)
    byResource.set(finding.resource.urn, [...(byResource.get(finding.resource.urn) ?? []), finding]);
  const suites = [...byResource].map(([urn, own]) => suiteOf(urn, own));
  const { length } = findings.filter(({ outcome }) => outcome === "stops");
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="serverless-chat-policy" tests="${findings.length}" failures="${length}">`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteOf(urn: string, findings: TriagedFinding[]): string {
  const failures = findings.filter(({ outcome }) => outcome === "stops").length;
  const skipped = findings.length - failures;
  return [
    `  <testsuite name="${escaped(urn)}" tests="${findings.length}" failures="${failures}" skipped="${skipped}">`,
    ...findings.map(caseOf),
    "  </testsuite>",
  ].join("\n");
}

/** A finding that doesn't stop the preview becomes a skipped test, which CI services show without failing the run. */
function caseOf({ rule, message, fix, statement, path, outcome, resource }: TriagedFinding): string {
  const where = [statement === undefined ? undefined : referenceTo(statement), path].filter(Boolean).join(" of ");
  const text = `${where === "" ? "" : `${where}: `}${message}`;
  const detail =
    outcome === "stops"
      ? `<failure message="${escaped(text)}">${escaped(typeof fix === "string" ? fix : JSON.stringify(fix))}</failure>`
      : `<skipped message="${escaped(`${outcome}: ${text}`)}"/>`;
  return `    <testcase classname="${escaped(rule)}" name="${escaped(`${resource.name} ${where}`.trim())}">${detail}</testcase>`;
}

function escaped(text: string): string {
  return (
    text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      // XML 1.0 allows no control characters except tab, line feed and carriage return.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are removed
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
  );
}
