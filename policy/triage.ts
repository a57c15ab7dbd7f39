/** Decides a finding's outcome: it stops the preview, is advice, is in the baseline, or is covered by an exception. */
import { recordedSince } from "./baseline.ts";
import { coversFinding, coversResource, describeException, type Exception, hasEnded } from "./exceptions.ts";
import type { ResourceFinding } from "./finding.ts";
import type { StackResource } from "./resources/resource.ts";
import { levelOf, type Settings } from "./settings.ts";

export interface TriagedFinding extends ResourceFinding {
  outcome: "stops" | "advises" | "baseline" | "excepted";
  /** Day on which the baseline recorded the finding. */
  since?: string;
  /** The exception that covers the finding, or that covered it until it ended. */
  exception?: Exception;
  /** Note about exceptions on the resource. */
  note?: string;
}

/** Returns findings with their outcomes, excluding the findings of disabled rules. */
export function triage(findings: ResourceFinding[], settings: Settings, now: Date): TriagedFinding[] {
  const { exceptions = [], baseline = [] } = settings;
  return findings.flatMap((finding): TriagedFinding[] => {
    const level = levelOf(finding, settings);
    if (level === "disabled") return [];
    const own = exceptions.filter((exception) => coversFinding(exception, finding));
    const exception = own.find((one) => !hasEnded(one, now));
    if (exception !== undefined) return [{ ...finding, outcome: "excepted", exception }];
    const since = recordedSince(finding, baseline);
    if (since !== undefined) return [{ ...finding, outcome: "baseline", since }];
    const note = noteOn(finding, own[0], exceptions);
    return [
      {
        ...finding,
        outcome: level === "mandatory" ? "stops" : "advises",
        ...(own[0] === undefined ? {} : { exception: own[0] }),
        ...(note === undefined ? {} : { note }),
      },
    ];
  });
}

function noteOn(finding: ResourceFinding, ended: Exception | undefined, exceptions: Exception[]): string | undefined {
  if (ended !== undefined)
    return `${describeException(ended)} has ended: fix the finding, or set "until" to a later date`;
  const neighbor = exceptions.find(
    (one) => one.rule === finding.rule && one.statement !== undefined && coversResource(one, finding.resource),
  );
  if (neighbor === undefined) return undefined;
  return `${describeException(neighbor)} doesn't cover this statement, whose hash is ${finding.hash}`;
}

/** Exceptions that cover no finding although their resource was checked, because the finding has been fixed. */
export function staleExceptions(
  findings: ResourceFinding[],
  resources: StackResource[],
  { exceptions = [] }: Settings,
): Exception[] {
  return exceptions.filter(
    (exception) =>
      !findings.some((finding) => coversFinding(exception, finding)) &&
      resources.some((resource) => coversResource(exception, resource)),
  );
}
