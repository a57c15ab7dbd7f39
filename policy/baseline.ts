/** The baseline: findings that a stack had when its team adopted the pack. */
import type { ResourceFinding } from "./finding.ts";

export interface BaselineEntry {
  rule: string;
  /** Type and name of the resource, `type::name`, which are the same in every stack of the program. */
  resource: string;
  /** Hash of the finding's statement, or of its message if the finding concerns the whole document or resource. */
  statement: string;
  /** The day on which the finding was recorded, such as `2026-11-28`. */
  since: string;
}

const keyOf = ({ rule, resource, statement }: Omit<BaselineEntry, "since">) => `${rule} ${resource} ${statement}`;

function entryOf({ rule, resource: { type, name }, hash }: ResourceFinding): Omit<BaselineEntry, "since"> {
  return { rule, resource: `${type}::${name}`, statement: hash };
}

/**
 * Records today's findings. Findings from an earlier baseline keep their date, and fixed ones are removed.
 */
export function recordBaseline(findings: ResourceFinding[], earlier: BaselineEntry[], now: Date): BaselineEntry[] {
  const dates = new Map(earlier.map((entry) => [keyOf(entry), entry.since]));
  const entries = new Map(findings.map(entryOf).map((entry) => [keyOf(entry), entry]));
  const today = now.toISOString().slice(0, 10);
  return [...entries].map(([key, entry]) => ({ ...entry, since: dates.get(key) ?? today })).sort(byAge);
}

/** The day on which a baseline recorded a finding; undefined for a new finding. */
export function recordedSince(finding: ResourceFinding, baseline: BaselineEntry[]): string | undefined {
  const key = keyOf(entryOf(finding));
  return baseline.find((entry) => keyOf(entry) === key)?.since;
}

/** Entries whose finding no longer exists. */
export function fixedEntries(findings: ResourceFinding[], baseline: BaselineEntry[]): BaselineEntry[] {
  const current = new Set(findings.map((finding) => keyOf(entryOf(finding))));
  return baseline.filter((entry) => !current.has(keyOf(entry)));
}

/** Sorts the oldest entries first, then by name, so that a recorded file changes little. */
function byAge(a: BaselineEntry, b: BaselineEntry): number {
  return a.since.localeCompare(b.since) || keyOf(a).localeCompare(keyOf(b));
}
