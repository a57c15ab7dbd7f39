/** The baseline: findings that a stack had when its team adopted the pack. */
import type { ResourceFinding } from "./finding.ts";

export interface BaselineEntry {
  rule: string;
  /** Type and name of the resource, `type::name`, which are the same in every stack of the program. */
  resource: string;
  /** Hash of the finding's statement; of its message where it concerns the whole document or resource. */
  statement: string;
  /** The day on which the finding was recorded, such as `2026-11-28`. */
  since: string;
}

const keyOf = ({ rule, resource, statement }: Omit<BaselineEntry, "since">) => `${rule} ${resource} ${statement}`;

function entryOf({ rule, resource: { type, name }, hash }: ResourceFinding): Omit<BaselineEntry, "since"> {
  return { rule, resource: `${type}::${name}`, statement: hash };
}

/**
 * Records the findings of today. Those that an earlier baseline has keep their date, and those that are fixed drop out.
 */
export function recordBaseline(findings: ResourceFinding[], earlier: BaselineEntry[], now: Date): BaselineEntry[] {
  const dates = new Map(earlier.map((entry) => [keyOf(entry), entry.since]));
  const entries = new Map(findings.map(entryOf).map((entry) => [keyOf(entry), entry]));
  const today = now.toISOString().slice(0, 10);
  return [...entries].map(([key, entry]) => ({ ...entry, since: dates.get(key) ?? today })).sort(byAge);
}

/** The day since which a baseline has a finding; undefined for a new finding. */
export function recordedSince(finding: ResourceFinding, baseline: BaselineEntry[]): string | undefined {
  const key = keyOf(entryOf(finding));
  return baseline.find((entry) => keyOf(entry) === key)?.since;
}

/** Entries whose finding no longer exists. */
export function fixedEntries(findings: ResourceFinding[], baseline: BaselineEntry[]): BaselineEntry[] {
  const current = new Set(findings.map((finding) => keyOf(entryOf(finding))));
  return baseline.filter((entry) => !current.has(keyOf(entry)));
}

/** Oldest first, then by name, so that a recorded file changes little. */
function byAge(a: BaselineEntry, b: BaselineEntry): number {
  return a.since.localeCompare(b.since) || keyOf(a).localeCompare(keyOf(b));
}
