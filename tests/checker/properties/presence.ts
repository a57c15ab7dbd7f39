/**
 * Presence may be late, but is correct in the end. Once a connection's `$disconnect` and joins are done, no room
 * contains the connection. A function never announces the departure of a person whom it finds in the room. Long after
 * the last fault, a room's list has exactly the people in it, and the last announcement about each person is true.
 */
import type { History, Of } from "../history.ts";
import { plain } from "../store.ts";
import { answersOf } from "./answers.ts";
import { type Facts, isAppend, type Presence } from "./facts.ts";
import { Invocations, type Known } from "./invocations.ts";
import { GONE_MS } from "./joining.ts";

/** Maximum time between reading who is in a room and the last post to them. */
const DELIVERY_MS = 10_000;

/** A connection that ended this shortly before the end of the run may still be listed. */
const RECENT_MS = 20_000;

/** A departure that has been held back for this long no longer keeps its person present (chat/presence/people.ts). */
const HELD_MS = 60_000;

/** Maximum lifetime of a connection, whatever its rows say. */
const LIFETIME_MS = 2 * 3_600_000;

const JOINS = new Set(["hello", "joinRoom"]);

export function* presence(facts: Facts): Generator<string> {
  const invocations = new Invocations(facts.history);
  yield* leftovers(facts, invocations);
  yield* blindDepartures(facts);
  const { presence, plan } = facts.outcome;
  if (presence === undefined) return;
  const joins = joinsOf(facts, invocations);
  for (const room of plan.rooms) {
    const rows = rowsIn(presence, room, straysOf(facts, invocations, room));
    yield* listed(room, rows, presence, joins, invocations);
    yield* announced(room, rows, facts, invocations);
  }
}

function* leftovers({ history }: Facts, invocations: Invocations): Generator<string> {
  const late = lateWriters(history);
  /** Time at which all writers of a connection's rows are done, by connection. */
  const overAt = new Map<string, number>();
  for (const { key, connection = "", endedAt } of invocations.all) {
    if (key === `${connection}/$disconnect` && endedAt !== undefined) overAt.set(connection, endedAt);
  }
  for (const { key, action, connection = "", endedAt, isExcused } of invocations.all) {
    const isJoin = JOINS.has(action) || key === `${connection}/$connect`;
    if (!overAt.has(connection) || !(isJoin || key === `${connection}/$disconnect`)) continue;
    const isCertain = endedAt !== undefined && !isExcused && !late.has(key);
    if (isCertain) overAt.set(connection, Math.max(overAt.get(connection) as number, endedAt));
    else overAt.delete(connection);
  }
  const last = new Map<string, Of<"member">>();
  for (const one of history.all("member")) {
    if (one.at <= (overAt.get(one.connection) ?? -1)) last.set(`${one.connection} ${one.room}`, one);
  }
  for (const { connection, room, is } of last.values())
    if (is) yield `${connection} is still in ${room}, although its disconnect and all its joins are done`;
}

/**
 * A function doesn't announce the departure of a person if it has found them in the room, with an open connection, each
 * time it looked.
 */
function* blindDepartures({ history }: Facts): Generator<string> {
  const opened = new Map(
    history.all("connection").flatMap((one) => (one.state === "open" ? [[one.connection, one]] : [])),
  );
  /**
   * Time at which each connection ended: when `$disconnect` was invoked or, if it never was, when the client noticed
   * the end, which is late if the client was asleep.
   */
  const endedAt = new Map([
    ...history
      .all("connection")
      .flatMap(({ connection, state, at }) => (state === "closed" ? [[connection, at] as const] : [])),
    ...history
      .all("invoked")
      .flatMap(({ invocation, connection = "", at }) =>
        invocation === `${connection}/$disconnect` ? [[connection, at] as const] : [],
      ),
  ]);
  /** Connections that others know about, by room. */
  const present = new Map<string, Set<string>>();
  const presentIn = (room: string) => present.get(room) ?? present.set(room, new Set()).get(room) ?? new Set<string>();
  /** The people that an invocation found in a room each time it looked, by invocation and room. */
  const found = new Map<string, Set<string>>();
  for (const happening of history.happenings) {
    const { kind, at } = happening;
    if (kind === "member" || kind === "appeared") {
      const isPresent = kind === "appeared" || happening.present;
      if (isPresent) presentIn(happening.room).add(happening.connection);
      else presentIn(happening.room).delete(happening.connection);
    } else if (kind === "people read") {
      const key = `${happening.invocation} ${happening.room}`;
      const users = [...presentIn(happening.room)].flatMap((connection) => {
        const { user, at: since } = opened.get(connection) ?? { at: 0 };
        const isOpen = at - since < LIFETIME_MS && at < (endedAt.get(connection) ?? Number.POSITIVE_INFINITY);
        return user !== undefined && isOpen ? [user] : [];
      });
      const before = found.get(key);
      found.set(key, new Set(before === undefined ? users : users.filter((user) => before.has(user))));
    } else if (kind === "post" && happening.frame.type === "presence" && happening.frame.online === false) {
      const { invocation, frame } = happening;
      if (found.get(`${invocation} ${frame.room}`)?.has(frame.user.id))
        yield `${invocation} announces that ${frame.user.id} has left ${frame.room}, although it has found them there`;
    }
  }
}

interface Join {
  room: string;
  connection: string;
  invokedAt: number;
  lastAt: number;
}

/** Joins that were answered. */
function joinsOf({ history }: Facts, invocations: Invocations): Join[] {
  return answersOf(history).flatMap(({ invocation, answer }): Join[] => {
    const { action, room, connection = "", invokedAt, lastAt } = invocations.of(invocation);
    const join = { connection, invokedAt, lastAt };
    if (answer?.type === "ready") return Object.keys(answer.heads).map((room) => ({ ...join, room }));
    return answer?.type === "ack" && action === "joinRoom" ? [{ ...join, room }] : [];
  });
}

interface Row {
  /** The connection's key. */
  connection: string;
  user: string;
  isOpen: boolean;
  isPresent: boolean;
  /**
   * Whether a late call wrote the row (see straysOf), and its connection has ended. The next post to the room will find
   * such a row.
   */
  isStray: boolean;
}

interface Rows {
  members: Row[];
  /** People whose departure is held back, and for how many milliseconds. */
  held: { user: string; ms: number }[];
  /** People whom `listMembers` lists as present. */
  there: Set<string>;
}

/** Connections whose row was last written by a call that took effect after its function had ended or given up on it. */
function straysOf({ history }: Facts, invocations: Invocations, room: string): Set<string> {
  const late = lateWriters(history);
  const strays = new Set<string>();
  for (const { connection, room: of, is, invocation, at } of history.all("member")) {
    if (of !== room) continue;
    const { endedAt = Number.POSITIVE_INFINITY, isExcused } = invocations.of(invocation);
    if (is && ((isExcused && at >= endedAt) || late.has(invocation))) strays.add(connection);
    else strays.delete(connection);
  }
  return strays;
}

/** Invocations with a call that may take effect only after it was repeated. */
function lateWriters(history: History): Set<string> {
  return new Set(
    history
      .all("fault")
      .flatMap(({ fault, where }) => (fault === "late effect" ? [where.slice(0, where.lastIndexOf("/"))] : [])),
  );
}

function rowsIn({ items, keys, open, now }: Presence, room: string, strays: Set<string>): Rows {
  const rows: Rows = { members: [], held: [], there: new Set() };
  for (const item of items) {
    const { pk, sk, user, tokenExpiresAt, present, at, expiresAt } = plain(item) as unknown as {
      [attribute in "pk" | "sk"]: string;
    } & { [attribute in "tokenExpiresAt" | "at" | "expiresAt"]: number } & { user: { id: string }; present?: true };
    if (pk !== `ROOM#${room}` || expiresAt * 1_000 <= now || tokenExpiresAt === 0) continue;
    if (sk.startsWith("GONE#")) rows.held.push({ user: user.id, ms: now - at });
    if (!sk.startsWith("CONN#")) continue;
    const connection = keys.get(sk.slice("CONN#".length)) ?? sk;
    const isOpen = open.has(connection);
    const isStray = strays.has(connection) && !isOpen;
    rows.members.push({ connection, user: user.id, isOpen, isPresent: present === true, isStray });
  }
  // A stray row makes its user present until the row's TTL is over.
  rows.there = new Set(rows.members.filter(({ isPresent }) => isPresent).map(({ user }) => user));
  return rows;
}

/** The list has exactly the people who are there. */
function* listed(
  room: string,
  { members, held }: Rows,
  { open }: Presence,
  joins: Join[],
  invocations: Invocations,
): Generator<string> {
  const since = invocations.endAt - RECENT_MS;
  for (const { connection, isOpen, isPresent, isStray } of members) {
    if (!isPresent || isStray) continue;
    const disconnect = invocations.of(`${connection}/$disconnect`);
    if (!isOpen && !(disconnect.invokedAt > since)) yield `${connection} has ended, but is still listed in ${room}`;
    const spoke = invocations.all.some(
      (one) => one.connection === connection && (JOINS.has(one.action) || isAppend(one)),
    );
    if (!spoke) yield `${connection} is listed in ${room}, but has never joined or sent anything`;
  }
  for (const { user, ms } of held) {
    if (ms > RECENT_MS && ms < HELD_MS) yield `the departure of ${user} from ${room} is held back for ${ms} ms`;
  }
  const isIn = new Map(members.map((row) => [row.connection, row]));
  const last = new Map(joins.filter((join) => join.room === room).map((join) => [join.connection, join]));
  for (const { connection, invokedAt } of last.values()) {
    if (!open.has(connection) || isIn.get(connection)?.isPresent) continue;
    const user = invocations.userOf(connection);
    const isOut = invocations.all.some((one) => one.lastAt >= invokedAt && takesOut(one, room, connection, user));
    if (!isOut) yield `${connection} is in ${room}, but is not listed there`;
  }
}

/** The last announcement about each person to a connection is true, if the connection stayed in the room. */
function* announced(
  room: string,
  { members, there }: Rows,
  { history }: Facts,
  invocations: Invocations,
): Generator<string> {
  const gone = history.all("gone");
  const presences = history.all("post").filter(({ frame }) => frame.type === "presence" && frame.room === room);
  for (const { connection, user, isOpen } of members) {
    const hasLeft = invocations.all.some((one) => takesOut(one, room, connection, user));
    if (!isOpen || hasLeft) continue;
    const last = new Map(
      presences.flatMap((one) =>
        one.connection === connection && one.frame.user ? [[one.frame.user.id as string, one]] : [],
      ),
    );
    for (const [id, { at, frame, invocation }] of last) {
      if (frame.online === there.has(id) || members.some((one) => one.user === id && one.isStray)) continue;
      const isLost = (one: Known) => one.isExcused && one.lastAt >= at - DELIVERY_MS;
      const isTakenForGone = gone.some((one) => one.connection === connection && one.at >= at - GONE_MS - DELIVERY_MS);
      const isExcused = frame.online
        ? invocations.all.some(
            (one) =>
              isLost(one) && takesOut(one, room, one.connection, id) && (one.user === id || one.action === "ban"),
          )
        : invocations.of(invocation).isExcused ||
          invocations.all.some((one) => isLost(one) && one.user === id && (JOINS.has(one.action) || isAppend(one)));
      if (isTakenForGone || isExcused) continue;
      yield `${connection} was last told that ${id} is ${frame.online ? "online" : "offline"} in ${room}, which is wrong`;
    }
  }
}

function takesOut(
  { action, room: of, connection: by, target }: Known,
  room: string,
  connection: string | undefined,
  user: string | undefined,
): boolean {
  if (of !== room) return false;
  return action === "leaveRoom" ? by === connection : action === "ban" && target === user;
}
