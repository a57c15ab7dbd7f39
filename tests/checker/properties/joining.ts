import type { Fault } from "../faults.ts";
import { START } from "../virtualClock.ts";
import { answersOf } from "./answers.ts";
import { type Facts, isAppend } from "./facts.ts";

/** Time for which an environment posts nothing to a connection after a 410 for it (see chat/fanOut/deliver.ts). */
export const GONE_MS = 5_000;

/** Faults that make a post fail for its caller: it is refused, or isn't answered in time. */
const FAILS_POSTS: ReadonlySet<string> = new Set([
  "post refused",
  "slow call",
  "reply lost",
  "request lost",
  "late effect",
] satisfies Fault[]);

/** The end of the name of a post's call; the invocation's key comes before it. */
const POST = /\/post~\d+$/;

/** Maximum lifetime of a connection. */
const LIFETIME_MS = 2 * 3_600_000;

/**
 * Supports the guarantee "Nothing missed for long": a client that joins a room learns of each entry from the head in
 * the answer to its join, or from a post that at least begins. An entry covered by neither would be missed until the
 * next ping, although nothing failed.
 */
export function* joining(facts: Facts): Generator<string> {
  const mayBeLeftOut = leftOut(facts);
  const fanOuts = fanOutsOf(facts);
  /** Invocations with a post that may have failed: the member whose post it was gets no later frame of that round. */
  const failed = new Set(
    facts.history
      .all("fault")
      .flatMap(({ fault, where }) => (FAILS_POSTS.has(fault) && POST.test(where) ? [where.replace(POST, "")] : [])),
  );
  for (const { connection, room, head, invokedAt } of joinsOf(facts)) {
    for (const { room: of, seq, posted, invokedAt: begunAt, endedAt, invocation } of fanOuts) {
      if (of !== room || seq <= head || posted.has(connection)) continue;
      const hasEarlier = fanOuts.some(
        (other) =>
          other.invocation === invocation && other.room === of && other.seq < seq && other.posted.has(connection),
      );
      if (failed.has(invocation) && hasEarlier) continue;
      if (mayBeLeftOut(connection, room, { invokedAt, begunAt, endedAt })) continue;
      yield `${connection} joined ${room} with head ${head}, but ${invocation} did not post ${seq} to it`;
    }
  }
}

/** Returns a function that tells whether the posts of an entry may leave out a connection that joined the room. */
export function leftOut({ history }: Facts) {
  const removals = history.all("member").filter(({ is }) => !is);
  /** Time at which posts to a connection end, by connection. */
  const ends = new Map(
    history.all("connection").flatMap((one): [string, number][] => {
      if (one.state !== "open") return [];
      return [[one.connection, Math.min(one.expiresAt - START, one.at + LIFETIME_MS)]];
    }),
  );
  // Once a post finds a connection closed, other posts skip it.
  for (const one of history.all("connection"))
    if (one.state === "closed") ends.set(one.connection, Math.min(ends.get(one.connection) ?? one.at, one.at));
  // A later token may expire sooner.
  for (const { connection, frame } of history.all("frame out")) {
    if (frame?.action !== "refreshToken") continue;
    ends.set(connection, Math.min(ends.get(connection) ?? Number.POSITIVE_INFINITY, frame.token.expiresAt - START));
  }
  const gone = history.all("gone");
  return (
    connection: string,
    room: string,
    { invokedAt, begunAt, endedAt }: { invokedAt: number; begunAt: number; endedAt: number },
  ): boolean => {
    const isRemoved = removals.some(
      (one) => one.connection === connection && one.room === room && one.at >= invokedAt && one.at <= endedAt,
    );
    const isTakenForGone = gone.some(
      (one) => one.connection === connection && one.at >= begunAt - GONE_MS && one.at <= endedAt,
    );
    return isRemoved || isTakenForGone || endedAt >= (ends.get(connection) ?? 0);
  };
}

export interface Join {
  connection: string;
  room: string;
  /** The head in the answer. */
  head: number;
  invokedAt: number;
}

export function joinsOf({ history }: Facts): Join[] {
  const invoked = new Map(history.all("invoked").map((one) => [one.invocation, one]));
  return answersOf(history).flatMap(({ invocation, answer }): Join[] => {
    const { connection = "", at: invokedAt = 0, frame } = invoked.get(invocation) ?? {};
    if (answer?.type === "ready") {
      const heads = Object.entries(answer.heads as Record<string, number>);
      return heads.map(([room, head]) => ({ connection, room, head, invokedAt }));
    }
    if (answer?.type !== "ack" || answer.page === undefined) return [];
    return [{ connection, room: frame.room ?? "lobby", head: answer.page.head, invokedAt }];
  });
}

/** The posts of one entry by one invocation, which isn't necessarily the one that wrote the entry. */
interface FanOut {
  invocation: string;
  room: string;
  seq: number;
  posted: Set<string>;
  invokedAt: number;
  endedAt: number;
}

/** Fan-outs that ran to their end. */
function fanOutsOf({ history }: Facts): FanOut[] {
  const appends = new Map(
    history.all("invoked").flatMap(({ invocation, frame, at }) => (isAppend(frame) ? [[invocation, at]] : [])),
  );
  // In a large room, other invocations post to some members, and such an invocation may be lost.
  for (const { invocation } of history.all("handed over")) appends.delete(invocation);
  const endedAt = new Map(
    history.all("returned").flatMap(({ invocation, at, excuse }) => (excuse === undefined ? [[invocation, at]] : [])),
  );
  const fanOuts = new Map<string, FanOut>();
  for (const { invocation, frame, connection } of history.all("post")) {
    const [begun, ended] = [appends.get(invocation), endedAt.get(invocation)];
    if (frame.type !== "event" || begun === undefined || ended === undefined) continue;
    const { room, entries } = frame;
    for (const { seq } of entries) {
      const key = `${invocation} ${room} ${seq}`;
      const fanOut = fanOuts.get(key) ?? { invocation, room, seq, posted: new Set(), invokedAt: begun, endedAt: ended };
      fanOuts.set(key, fanOut);
      fanOut.posted.add(connection);
    }
  }
  return [...fanOuts.values()];
}
