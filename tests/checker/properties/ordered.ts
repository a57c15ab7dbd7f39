import type { Frame } from "../history.ts";
import type { Facts } from "./facts.ts";

/** The guarantee "One order": every reader sees the same order, which has no gaps once settled and never changes. */
export function* ordered(facts: Facts): Generator<string> {
  for (const room of facts.outcome.plan.rooms) {
    const head = facts.heads.get(room) ?? 0;
    for (let seq = 1; seq <= head; seq++) {
      if (facts.entry(room, seq) === undefined)
        yield `position ${seq} of ${room} is still a hole, although the head is ${head}`;
    }
    for (const seq of facts.log(room).keys())
      if (seq > head) yield `position ${seq} of ${room} is beyond the head ${head}`;
  }
  for (const { client, frame } of facts.history.all("frame in")) {
    if (frame.type === "event") yield* all(facts, client, frame.room, frame.entries);
    const page = frame.type === "page" ? frame : frame.page;
    if (page !== undefined) yield* pageOf(facts, client, page);
  }
}

function* pageOf(
  facts: Facts,
  client: string,
  { room, entries, from, through, head, more, retryAfterMs }: Frame,
): Generator<string> {
  const page = `the page ${from} to ${through} of ${room} for ${client}`;
  yield* all(facts, client, room, entries);
  const listed = new Set(entries.map(({ seq }: Frame) => seq));
  for (let seq = from; seq <= through; seq++) {
    const kind = facts.entry(room, seq)?.kind;
    if (kind !== undefined && kind !== "void" && !listed.has(seq))
      yield `${page} leaves out ${seq}, which is a ${kind}`;
    if (kind === "void" && listed.has(seq)) yield `${page} shows ${seq}, which is void`;
  }
  for (const seq of listed as Set<number>) if (seq < from || seq > through) yield `${page} contains ${seq}`;
  if (through > head) yield `${page} goes beyond the head ${head}`;
  if (retryAfterMs !== undefined && !(retryAfterMs > 0 && retryAfterMs <= 2_000))
    yield `${page} says retryAfterMs ${retryAfterMs}`;
  void more;
}

function* all(facts: Facts, client: string, room: string, entries: Frame[]): Generator<string> {
  for (const entry of entries) {
    if (!facts.isStored(room, entry))
      yield `${client} was shown ${entry.kind} ${entry.id} at ${entry.seq} of ${room}, which is not what is stored there`;
  }
}
