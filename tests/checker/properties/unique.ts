import { type Ack, canonical, contentOf, DAY_MS, type Facts, keyOf } from "./facts.ts";

/**
 * The guarantee "Once": each (user, room, id) has at most one entry within 24 h, however often its message is sent, and
 * all of its acks are equal.
 */
export function* unique(facts: Facts): Generator<string> {
  const firstSent = new Map<string, number>();
  const contents = new Map<string, { content: string; at: number }[]>();
  for (const attempt of facts.attempts) {
    const key = keyOf(attempt);
    if (!firstSent.has(key)) firstSent.set(key, attempt.at);
    contents.set(key, [...(contents.get(key) ?? []), attempt]);
  }
  const isInTime = (key: string, at: number) => at - (firstSent.get(key) ?? at) < DAY_MS;
  yield* entries(facts, firstSent);
  const acks = new Map<string, Ack[]>();
  for (const ack of facts.acks) {
    const key = keyOf(ack);
    if (isInTime(key, ack.invokedAt)) acks.set(key, [...(acks.get(key) ?? []), ack]);
  }
  const seen = new Map<string, number>();
  for (const { at, user, frame } of facts.history.all("frame in")) {
    const id = `${user} ${frame.id}`;
    if (frame.type === "ack" && frame.seq !== undefined && !seen.has(id)) seen.set(id, at);
  }
  for (const [key, [first, ...others]] of acks as Map<string, [Ack, ...Ack[]]>) {
    for (const { seq, sentAt } of others) {
      if (seq !== first.seq || sentAt !== first.sentAt)
        yield `${key} has different acks: position ${first.seq}, time ${first.sentAt}; position ${seq}, time ${sentAt}`;
    }
    const firsts = new Set(
      [first, ...others].filter(({ duplicate }) => !duplicate).map(({ invocation }) => invocation),
    );
    if (firsts.size > 1) yield `${key} is acknowledged as new by ${[...firsts].join(" and ")}`;
    for (const { user, id, duplicate, invokedAt, invocation } of [first, ...others]) {
      const knownAt = seen.get(`${user} ${id}`);
      if (!duplicate && knownAt !== undefined && invokedAt > knownAt)
        yield `${invocation} reports no duplicate after ${key} was acknowledged`;
    }
    for (const { room, seq, content, invocation } of [first, ...others]) {
      const entry = facts.original(room, seq);
      if (entry?.kind !== "void" && entry !== undefined && canonical(contentOf(entry)) !== content) {
        yield `${invocation} acknowledges a different message from the one at position ${seq} of ${room}`;
      }
    }
  }
  for (const { at, user, frame } of facts.history.all("frame in")) {
    if (frame.code !== "ID_CONFLICT") continue;
    const sent = [...contents]
      .filter(([key]) => key.startsWith(`${user} `) && key.endsWith(` ${frame.id}`))
      .flatMap(([, one]) => one);
    if (new Set(sent.filter((one) => one.at < at).map(({ content }) => content)).size < 2) {
      yield `ID_CONFLICT for ${frame.id} of ${user}, who used it for only one message`;
    }
  }
}

function* entries(facts: Facts, firstSent: Map<string, number>): Generator<string> {
  const first = new Map<string, { seq: number; sentAt: number }>();
  for (const [room, log] of facts.logs) {
    for (const entry of [...log.values()].sort((a, b) => a.seq - b.seq)) {
      if (entry.kind === "void") continue;
      const key = keyOf({ user: entry.user.id, room, id: entry.id });
      const other = first.get(key);
      first.set(key, entry);
      const age = other === undefined ? 0 : entry.sentAt - other.sentAt;
      if (other !== undefined && age < DAY_MS && firstSent.has(key))
        yield `${key} is in the log twice, at ${other.seq} and at ${entry.seq}`;
    }
  }
}
