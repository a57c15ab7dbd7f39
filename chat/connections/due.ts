/**
 * What the sweep has to look at, and when: rows `DUE#<minute>#<shard>` / what. A sweep reads the partitions of the minutes that have
 * passed, so nothing that isn't due is ever read.
 *
 *     CONN#<id>            whether this connection is still open
 *     USER#<user>          whether all connections of this person are
 *     DEPARTURES#<slot>    whether the departures of this time slot have been announced
 */
import type { Resource } from "../resource";
import { batchWrite, type Key, type WriteRequest } from "../tables/batchWrite";
import { queryPages, type RowPage } from "../tables/queryPages";

export const MINUTE_MS = 60_000;

/** A partition takes 1,000 writes a second; at a million connections some 1,700 rows a second come due. */
const SHARDS = 4;

/** A sweep that was lost may be this late, and no connection lives longer than two hours. */
const DUE_TTL_SECONDS = 3 * 3_600;

/** Rows per page. */
const PAGE = 100;

/** What is due, by the prefix of its sort key. */
export type DueKind = "CONN" | "USER" | "DEPARTURES";

/** The minute, since 1970, whose rows are looked at together. */
export function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

/** The write that has the sweep look at something at that time, in milliseconds since 1970. */
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
 * Has the next sweep look at a connection that was found gone.
 *
 * @param room where it was found: a join that came too late may have left it there, where its own rows don't say so
 */
export async function recheckNow(table: Resource<"BatchWriteItem">, id: string, room: string): Promise<void> {
  await batchWrite(table, [{ PutRequest: { Item: { ...dueRow("CONN", id, Date.now()), room } } }]);
}

/** The rows of one minute, in pages of one shard. */
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

/** Spreads ids evenly, whatever they look like (FNV-1a). */
function shardOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SHARDS;
}
