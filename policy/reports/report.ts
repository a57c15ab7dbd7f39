/** Reports of findings in formats that other tools read. */
import type { TriagedFinding } from "../triage.ts";
import { junitReport } from "./junit.ts";
import { sarifReport } from "./sarif.ts";

export type ReportFormat = "json" | "sarif" | "junit";

/** The text of a report file. */
export function reportAs(format: ReportFormat, findings: TriagedFinding[]): string {
  if (format === "sarif") return `${JSON.stringify(sarifReport(findings), null, 2)}\n`;
  if (format === "junit") return junitReport(findings);
  return `${JSON.stringify({ summary: summaryOf(findings), findings: findings.map(toJson) }, null, 2)}\n`;
}

/** Number of findings by outcome. */
export function summaryOf(findings: TriagedFinding[]): Record<TriagedFinding["outcome"], number> {
  const count = (outcome: TriagedFinding["outcome"]) => findings.filter((one) => one.outcome === outcome).length;
  return { stops: count("stops"), advises: count("advises"), baseline: count("baseline"), excepted: count("excepted") };
}

function toJson({ resource: { urn, type, name }, ...finding }: TriagedFinding): object {
  return { ...finding, resource: { urn, type, name } };
}
