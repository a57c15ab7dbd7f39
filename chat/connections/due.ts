/**
 * Checks that the sweep has to make, grouped by the minute in which they are due: rows `DUE#<minute>#<shard>` /
 * subject. A sweep reads no partition of a later minute than the current one, so it doesn't read rows that aren't due.
 *
 *     CONN#<id>            whether this connection is still open
 *     USER#<user>          whether all of this person's connections are still open
 *     DEPARTURES#<slot>    whether the departures of this time slot have been announced
 */
import type { Resource } from "../resource";
import { batchWrite, type Key, type WriteRequest } from "../tables/batchWrite";
import { queryPages, type RowPage } from "../tables/queryPages";
import { YOUNG_MS } from "./young";

export const MINUTE_MS = 60_000;

/**
 * Number of partitions for the rows of one minute: a partition accepts 1,000 writes per second, and with a million
 * connections about 1,700 rows per second come due.
 */
const SHARDS = 4;

/**
 * How long a row stays after it is due, in case sweeps fail. Three hours suffice, because no connection lives longer
 * than two.
 */
const DUE_TTL_SECONDS = 3 * 3_600;

/**
 * A check is due this long after its row is written, or later: a sweep doesn't return to a minute that is over, so it
 * would miss a row that is stored late.
 */
const MIN_AHEAD_MS = 20_000;

/** Rows per page. */
const PAGE = 100;

/** Kinds of due rows, by prefix of their sort keys. */
export type DueKind = "CONN" | "USER" | "DEPARTURES";

/** Number of the minute, counted from 1970. The rows of one minute are checked together. */
export function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

/** The earliest time at which a check may be due, in milliseconds since 1970. */
export function soon(): number {
  return Date.now() + MIN_AHEAD_MS;
}

/** The write that makes a check due at a time, in milliseconds since 1970. */
export function duePut(kind: DueKind, id: string, at: number): WriteRequest {
  return { PutRequest: { Item: dueRow(kind, id, at) } };
}

export function dueRow(kind: DueKind, id: string, at: number): Key & { expiresAt: number } {
  return { ...dueKey(kind, id, at), expiresAt: Math.floor(at / 1_000) + DUE_TTL_SECONDS };
}

export function dueKey(kind: DueKind, id: string, at: number): Key {
  return { pk: `DUE#${minuteOf(at)}#${shardOf(id)}`, sk: `${kind}#${id}` };
}

/**
 * Schedules a check of a connection that was found gone. A connection whose `$connect` may still be in progress is
 * checked later, when an open one certainly answers.
 *
 * @param room the room in which the connection was found. A late join may have added it there without a record in the
 * connection's own rows
 */
export async function recheckSoon(
  table: Resource<"BatchWriteItem">,
  { id, connectedAt }: { id: string; connectedAt: number },
  room: string,
): Promise<void> {
  const at = Math.max(soon(), connectedAt + YOUNG_MS);
  await batchWrite(table, [{ PutRequest: { Item: { ...dueRow("CONN", id, at), room } } }]);
}

/** Yields the rows of one minute, one page at a time. */
export async function* dueIn(table: Resource<"Query">, minute: number): AsyncGenerator<RowPage["rows"]> {
  for (let shard = 0; shard < SHARDS; shard++) {
    const pages = queryPages(table, {
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": `DUE#${minute}#${shard}` },
      ProjectionExpression: "sk, room",
      Limit: PAGE,
    });
    for await (const { rows } of pages) if (rows.length > 0) yield rows;
  }
}

/** Distributes ids evenly, whatever their format (FNV-1a). */
function shardOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SHARDS;
}
