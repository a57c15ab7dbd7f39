/** Replaces the definitions of the program's previous run with those of the latest run. */
import type { Definitions } from "./definitions.ts";
import type { Rule } from "./schedules/rule.ts";

/**
 * Applies a draft to the live definitions. Resources that remain keep their state: functions keep their environments,
 * queues their messages, buckets their objects, and unchanged schedules their next run.
 *
 * @param start starts the schedule of a new or changed rule
 */
export function applyDraft(draft: Definitions, live: Definitions, start: (rule: Rule) => void): void {
  for (const map of ["roles", "managedPolicies", "apis", "httpApis", "tables", "topics", "eventSources"] as const) {
    replaceEntries(live[map] as Map<string, unknown>, draft[map]);
  }
  for (const set of ["logGroups", "eventBuses", "userPools"] as const) {
    live[set].clear();
    for (const member of draft[set]) live[set].add(member);
  }
  carryOver(draft.functions, live.functions, {
    keep: (lambda, next) => lambda.become(next),
    add: () => {},
    remove: (lambda) => lambda.retire(),
  });
  carryOver(draft.queues, live.queues, {
    keep: (queue, { settings }) => {
      queue.settings = settings;
    },
    add: () => {},
    remove: () => {},
  });
  carryOver(draft.buckets, live.buckets, {
    keep: (bucket, next) => bucket.become(next),
    add: () => {},
    remove: () => {},
  });
  carryOver(draft.rules, live.rules, {
    keep: (rule, next) => {
      rule.targets = next.targets;
      rule.pattern = next.pattern;
      if (rule.schedule?.expression === next.schedule?.expression) return;
      rule.end();
      rule.schedule = next.schedule;
      start(rule);
    },
    add: start,
    remove: (rule) => rule.end(),
  });
}

function replaceEntries(live: Map<string, unknown>, draft: ReadonlyMap<string, unknown>): void {
  live.clear();
  for (const [key, value] of draft) live.set(key, value);
}

function carryOver<T>(
  draft: ReadonlyMap<string, T>,
  live: Map<string, T>,
  on: { keep(before: T, after: T): void; add(added: T): void; remove(removed: T): void },
): void {
  for (const [key, before] of live) {
    if (draft.has(key)) continue;
    live.delete(key);
    on.remove(before);
  }
  for (const [key, after] of draft) {
    const before = live.get(key);
    if (before === undefined) {
      live.set(key, after);
      on.add(after);
    } else on.keep(before, after);
  }
}
