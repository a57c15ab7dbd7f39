import { describeException } from "../exceptions.ts";
import type { TriagedFinding } from "../triage.ts";

/**
 * Counts the findings by outcome and lists the exceptions in use. Undefined if there are no findings.
 *
 * @example "13 findings: 2 stop, 7 advise, 3 in the baseline, 1 excepted. In use: the exception from …"
 */
export function summaryLine(findings: TriagedFinding[]): string | undefined {
  if (findings.length === 0) return undefined;
  const count = (outcome: TriagedFinding["outcome"]) => findings.filter((one) => one.outcome === outcome).length;
  const excepted = [
    ...new Set(findings.filter(({ outcome }) => outcome === "excepted").map(({ exception }) => exception)),
  ];
  const used = excepted.flatMap((exception) => (exception === undefined ? [] : describeException(exception)));
  const counts = `${findings.length} findings: ${count("stops")} stop, ${count("advises")} advise, ${count("baseline")} in the baseline, ${count("excepted")} excepted`;
  return used.length === 0 ? counts : `${counts}. In use: ${used.join("; ")}`;
}
