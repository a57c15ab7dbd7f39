/** Reads a room's log in pages without holes, using the algorithm in docs/protocol.md ("The log"). */
import type { AuthoredEntry, Entry } from "../../protocol/entries";
import { fitting } from "../../protocol/frameSize";
import type { Page, Reset } from "../../protocol/responses";
import type { Resource } from "../resource";
import type { Row } from "../tables/conditionalWrite";
import { queryPages } from "../tables/queryPages";
import { finishDeletions, withoutDeleted } from "./erasure";
import { type Head, headOf } from "./heads";
import { FOR_EVER, type Retention } from "./retention";
import { entryKey, entryOf, firstOfPartition, lastOfPartition, timeOf, voidPosition } from "./rows";

/**
 * Age at which readers fill a hole, a claimed position without an entry. The age doesn't prove that the writer has
 * crashed: one that is only slow loses its position and claims another. So the age is longer than the usual time from a
 * position to its entry, but short because readers wait for it.
 */
export const HOLE_GRACE_MS = 2_000;

type LogTable = Resource<"GetItem" | "Query" | "PutItem" | "UpdateItem">;

/** Entries after a cursor, oldest first. */
export async function readAfter(
  table: LogTable,
  room: string,
  after: number,
  limit: number,
  retention = FOR_EVER,
): Promise<Page | Reset> {
  const head = await headOf(table, room);
  if (after > head.head) return { room, head: head.head, reason: "ahead" };
  const to = Math.min(after + limit, head.head);
  const first = await firstKept(table, room, head, after + 1, to, retention);
  if (first > after + 1) return { room, head: head.head, reason: "behind" };
  const read = await settled(table, room, head, after + 1, to, retention);
  const page = pageOf(room, head, read, after + 1);
  const count = fitting({ ...page, entries: [] }, read.entries.map(sent));
  if (count < read.entries.length) {
    const { retryAfterMs: _, ...full } = page;
    return { ...full, entries: authored(read.entries.slice(0, count)), through: after + count, more: true };
  }
  return { ...page, more: page.through < head.head };
}

/** The last entries before a position, oldest first. @param before undefined for the room's newest entries */
export async function readBefore(
  table: LogTable,
  room: string,
  before: number | undefined,
  limit: number,
  retention = FOR_EVER,
): Promise<Page> {
  const head = await headOf(table, room);
  const last = Math.min((before ?? Number.POSITIVE_INFINITY) - 1, head.head);
  const wanted = Math.max(1, last - limit + 1);
  const first = await firstKept(table, room, head, wanted, last, retention);
  const read = await settled(table, room, head, first, last, retention);
  const page = pageOf(room, head, read, first);
  const tooMany = read.entries.length - fitting({ ...page, entries: [] }, read.entries.map(sent).reverse());
  const from = page.from + tooMany;
  const isFirst = from === 1 || (tooMany === 0 && first > wanted);
  return { ...page, entries: authored(read.entries.slice(tooMany)), from, more: !isFirst };
}

/**
 * The entries at these positions in their current state. Positions without an entry, or whose entry has expired and
 * been removed, are omitted.
 */
export async function entriesAt(
  table: Resource<"Query">,
  room: string,
  from: number,
  through: number,
): Promise<Entry[]> {
  return withoutDeleted([...(await rowsOf(table, room, from, through)).values()].map(entryOf));
}

/**
 * Finds the first of these positions that retention keeps: each later position is kept as well, or was never written.
 * Positions are claimed in order of time, and DynamoDB deletes an entry a day after readers stop showing it, so
 * everything above a shown entry still exists.
 *
 * @returns `to + 1` if none is kept
 */
async function firstKept(
  table: Resource<"Query">,
  room: string,
  { madeAt }: Head,
  from: number,
  to: number,
  retention: Retention,
): Promise<number> {
  if (retention.isEndless || retention.keeps(madeAt)) return from;
  const below = await nextBelow(table, room, from - 1);
  if (below !== undefined && retention.keeps(timeOf(below))) return from;
  for (const [seq, row] of await rowsOf(table, room, from, to)) if (retention.keeps(timeOf(row))) return seq;
  return to + 1;
}

/** Reads the last row at or below a position. It looks only into this position's partition and the one before. */
async function nextBelow(table: Resource<"Query">, room: string, seq: number): Promise<Row | undefined> {
  for (const last of [seq, firstOfPartition(seq) - 1]) {
    if (last < 1) break;
    const [row] = await query(table, room, firstOfPartition(last), last, { newest: true });
    if (row !== undefined) return row;
  }
  return undefined;
}

interface Read {
  /** One entry for each position from the first requested one on, void ones included. */
  entries: Entry[];
  /** Set if the position after these may still be written: milliseconds to wait before asking again. */
  retryAfterMs?: number;
}

function pageOf(room: string, { head }: Head, { entries, retryAfterMs }: Read, from: number): Page {
  return {
    room,
    entries: authored(entries),
    from,
    through: from + entries.length - 1,
    head,
    more: false,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/**
 * Reads positions up to the first hole that may still be written, fills older holes, and completes interrupted
 * deletions, because nobody may be shown a deletion whose message can still be read.
 */
async function settled(
  table: LogTable,
  room: string,
  head: Head,
  from: number,
  to: number,
  retention: Retention,
): Promise<Read> {
  const rows = await rowsOf(table, room, from, to);
  const settledRows: Row[] = [];
  const read = async (more: Omit<Read, "entries"> = {}): Promise<Read> => {
    await finishDeletions(table, room, settledRows, retention);
    return { entries: withoutDeleted(settledRows.map(entryOf)), ...more };
  };
  for (let seq = from; seq <= to; seq++) {
    let row = rows.get(seq);
    if (row === undefined) {
      // The clock of the function that wrote this time may be ahead of ours.
      const ageMs = Math.max(0, Date.now() - (await seenAt(table, room, head, rows, seq, to)));
      const waitMs = HOLE_GRACE_MS - ageMs;
      if (waitMs > 0) return read({ retryAfterMs: waitMs });
      // Only the conditional put decides: if an entry came first, the put returns it.
      row = await voidPosition(table, room, seq, retention);
    }
    settledRows.push(row);
  }
  return read();
}

/**
 * Finds the approximate time since which a hole has existed: the time of the first entry above it, or if there is none,
 * the time at which the room's last position was claimed.
 */
async function seenAt(
  table: Resource<"Query">,
  room: string,
  head: Head,
  rows: Map<number, Row>,
  hole: number,
  to: number,
): Promise<number> {
  const inPage = [...rows].find(([seq]) => seq > hole)?.[1];
  if (inPage !== undefined) return timeOf(inPage);
  for (let seq = to + 1; seq <= head.head; seq = lastOfPartition(seq) + 1) {
    const [above] = await query(table, room, seq, Math.min(lastOfPartition(seq), head.head), { oldest: true });
    if (above !== undefined) return timeOf(above);
  }
  return head.headAt;
}

/** Entries and void rows by position, in order. */
export async function rowsOf(
  table: Resource<"Query">,
  room: string,
  from: number,
  to: number,
): Promise<Map<number, Row>> {
  const rows = new Map<number, Row>();
  for (let seq = from; seq <= to; seq = lastOfPartition(seq) + 1) {
    for (const row of await query(table, room, seq, Math.min(lastOfPartition(seq), to)))
      rows.set(row.sk as number, row);
  }
  return rows;
}

/** Rows of one partition. @param one set to get only the oldest or the newest row */
async function query(
  table: Resource<"Query">,
  room: string,
  from: number,
  to: number,
  one?: { oldest?: true; newest?: true },
): Promise<Row[]> {
  const found: Row[] = [];
  const pages = queryPages(table, {
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
    ExpressionAttributeValues: { ":pk": entryKey(room, from).pk, ":from": from, ":to": to },
    ScanIndexForward: one?.newest === undefined,
    Limit: one && 1,
  });
  for await (const { rows } of pages) {
    found.push(...rows);
    if (one !== undefined) break;
  }
  return found;
}

function authored(entries: Entry[]): AuthoredEntry[] {
  return entries.filter((entry) => entry.kind !== "void");
}

/** The part of an entry that a page contains: undefined for a void one. */
function sent(entry: Entry): object | undefined {
  return entry.kind === "void" ? undefined : entry;
}
