import type { Facts } from "./facts.ts";

/** The guarantee "No holes": the library shows entry n+1 only after entry n, and leaves out only void positions. */
export function* contiguous(facts: Facts): Generator<string> {
  const last = new Map(facts.history.all("followed").map(({ view, after }) => [view, after]));
  for (const { view, room, entries } of facts.history.all("entries")) {
    for (const entry of entries) {
      const before = last.get(view);
      if (!facts.isStored(room, entry))
        yield `${view} shows ${entry.id} at ${entry.seq}, which is not what is stored there`;
      if (before !== undefined) {
        if (entry.seq <= before) yield `${view} shows ${entry.seq} after ${before}`;
        for (let seq = before + 1; seq < entry.seq; seq++) {
          const kind = facts.entry(room, seq)?.kind;
          if (kind !== "void") yield `${view} shows ${entry.seq}, but leaves out ${seq}, which is a ${kind ?? "hole"}`;
        }
      }
      last.set(view, entry.seq);
    }
  }
  for (const { client, room, entries } of facts.history.all("history")) {
    for (const [i, entry] of entries.entries()) {
      const before = entries[i - 1]?.seq;
      for (let seq = (before ?? entry.seq) + 1; seq < entry.seq; seq++) {
        const kind = facts.entry(room, seq)?.kind;
        if (kind !== "void")
          yield `the history of ${room} for ${client} leaves out ${seq}, which is a ${kind ?? "hole"}`;
      }
    }
  }
}
