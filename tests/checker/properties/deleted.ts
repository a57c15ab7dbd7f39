import type { Frame } from "../history.ts";
import { canonical, DAY_MS, type Facts, isAppend, keyOf } from "./facts.ts";

/**
 * The guarantee "Deleted means gone": once a deletion is acknowledged, or anyone was shown the deletion's entry,
 * no later frame contains the text of the message or its edits, and nothing is added to the message. An entry is as it
 * was written, except that its text may have been erased.
 */
export function* deleted(facts: Facts): Generator<string> {
  yield* changes(facts);
  yield* leftovers(facts);
  const toldAt = toldAtOf(facts);
  yield* shown(facts, toldAt);
  yield* additions(facts, toldAt);
  yield* denials(facts);
}

function* changes(facts: Facts): Generator<string> {
  for (const [room, log] of facts.logs) {
    for (const entry of log.values()) {
      const original = facts.original(room, entry.seq);
      const allowed = entry.erased ? { ...original, text: "", erased: true } : original;
      if (entry.kind !== "void" && canonical(entry) !== canonical(allowed))
        yield `${entry.seq} of ${room} was written as ${canonical(original)}, but is now ${canonical(entry)}`;
    }
  }
}

/** At the end, no deleted text is left: everyone has read everything, and readers complete unfinished deletions. */
function* leftovers(facts: Facts): Generator<string> {
  for (const [room, log] of facts.logs) {
    const targets = new Set([...log.values()].flatMap((entry) => (entry.kind === "delete" ? [entry.target] : [])));
    for (const entry of log.values()) {
      const target = targetOf(entry);
      if (target !== undefined && targets.has(target) && !entry.erased)
        yield `${target} of ${room} is deleted, but the text of ${entry.id} at ${entry.seq} is still in the table`;
    }
  }
}

/** Time at which anyone could first know of a deletion, by room and message. */
function toldAtOf(facts: Facts): Map<string, number> {
  const toldAt = new Map<string, number>();
  const tell = (room: string, { kind, target }: Frame, at: number) => {
    const message = `${room} ${target}`;
    if (kind === "delete") toldAt.set(message, Math.min(at, toldAt.get(message) ?? Number.POSITIVE_INFINITY));
  };
  for (const { room, seq, at } of facts.acks) tell(room, facts.original(room, seq) ?? {}, at);
  for (const { at, room, entries } of framesOf(facts)) for (const entry of entries) tell(room, entry, at);
  return toldAt;
}

function* shown(facts: Facts, toldAt: Map<string, number>): Generator<string> {
  for (const { invocation, invokedAt, room, entries } of framesOf(facts)) {
    for (const entry of entries) {
      const since = toldAt.get(`${room} ${targetOf(entry)}`);
      if (since !== undefined && invokedAt > since && entry.text !== "")
        yield `${invocation} shows the text of ${entry.id} at ${entry.seq} of ${room} after its message's deletion`;
    }
  }
}

function* additions(facts: Facts, toldAt: Map<string, number>): Generator<string> {
  for (const { invocation, invokedAt, room, seq, duplicate } of facts.acks) {
    const { kind, target } = facts.original(room, seq) ?? {};
    const since = toldAt.get(`${room} ${target}`);
    if (since !== undefined && invokedAt > since && !duplicate)
      yield `${invocation} acknowledges a new ${kind} of ${target} in ${room} after the deletion of ${target}`;
  }
}

/** A retry of an acknowledged append is acknowledged again, even if the append's target was deleted since. */
function* denials(facts: Facts): Generator<string> {
  const ackedAt = new Map<string, number>();
  for (const ack of facts.acks) {
    const request = `${keyOf(ack)} ${ack.content}`;
    ackedAt.set(request, Math.min(ack.at, ackedAt.get(request) ?? Number.POSITIVE_INFINITY));
  }
  for (const { invocation, answer } of facts.history.all("returned")) {
    const request = answer?.code === "NOT_FOUND" ? facts.requestOf(invocation) : undefined;
    if (request === undefined || !isAppend(request.frame)) continue;
    const age = request.at - (ackedAt.get(`${keyOf(request)} ${request.content}`) ?? Number.POSITIVE_INFINITY);
    if (age > 0 && age < DAY_MS)
      yield `${invocation} answers NOT_FOUND to ${request.id} of ${request.user}, although it had been acknowledged`;
  }
}

interface Shown {
  at: number;
  invocation: string;
  invokedAt: number;
  room: string;
  entries: Frame[];
}

/** Frames that leave the server with entries in them. */
function framesOf({ history }: Facts): Shown[] {
  const invokedAt = new Map(history.all("invoked").map(({ invocation, at }) => [invocation, at]));
  return [...history.all("post"), ...history.all("returned")].flatMap((one): Shown[] => {
    const frame = one.kind === "post" ? one.frame : one.answer;
    const { room, entries } = frame?.page ?? frame ?? {};
    if (!Array.isArray(entries)) return [];
    return [
      { at: one.at, invocation: one.invocation, invokedAt: invokedAt.get(one.invocation) as number, room, entries },
    ];
  });
}

/** Position of the message whose text an entry contains; undefined if it contains none. */
function targetOf({ kind, seq, target }: Frame): number | undefined {
  return kind === "message" ? seq : kind === "edit" ? target : undefined;
}
