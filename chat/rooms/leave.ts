import { BARRED, leftRows, membershipKeys, placesOf } from "../connections/connections";
import type { Resource } from "../resource";
import { deleteIf, putIf, type Row } from "../tables/conditionalWrite";

/** A write that was given up as lost may still take effect, but not later than this after it was sent. */
const LATE_MS = 60_000;

/**
 * Removes a connection from a room. Pages of members that are read after this returns don't contain the connection.
 *
 * A write that was given up as lost and repeated may take effect after all:
 *     join:   puts its row ─ no answer ─ puts it again ─ acknowledged        (the first one arrives)
 *     leave:                                              removes it ─ acknowledged      │
 *     in the room again?                                                                 no: it left later
 * So a leave replaces the membership's rows by rows that say when the connection left, and an older join doesn't
 * replace these. In the same way, a leave that arrives late doesn't remove the row of a later join.
 *
 * The new rows are removed when the connection ends, or by a later leave once they are a minute old.
 */
export async function leave(
  table: Resource<"Query" | "PutItem" | "BatchWriteItem" | "DeleteItem">,
  connectionId: string,
  room: string,
): Promise<void> {
  const leftAt = await replaceMember(table, connectionId, room, Date.now());
  if (leftAt === undefined) return;
  const [ofConnection] = leftRows(connectionId, room, leftAt);
  await putIf(table, ofConnection, unlessLater(leftAt));
  const past = leftAt - LATE_MS;
  const { left } = await placesOf(table, connectionId);
  const old = [...left].filter(([, at]) => at < past).flatMap(([one]) => membershipKeys(connectionId, one));
  // The connection may have rejoined one of these rooms in the meantime, so the delete is conditional.
  await Promise.all(old.map((key) => deleteIf(table, key, { condition: "leftAt < :past", values: { ":past": past } })));
}

/** @returns when the connection left, in milliseconds since 1970; undefined if it is barred or never joined */
async function replaceMember(
  table: Resource<"PutItem">,
  connectionId: string,
  room: string,
  leftAt: number,
): Promise<number | undefined> {
  const [, ofRoom] = leftRows(connectionId, room, leftAt);
  const refused = await putIf(table, ofRoom, unlessLater(leftAt));
  if (refused === undefined) return leftAt;
  const { joinedAt = 0, leftAt: before } = (refused.row ?? {}) as { joinedAt?: number; leftAt?: number };
  // Either this put was done before and its answer was lost, or an earlier leave may have ended after its put.
  if (before !== undefined) return before;
  return joinedAt > leftAt ? replaceMember(table, connectionId, room, joinedAt) : undefined;
}

function unlessLater(leftAt: number): { condition: string; values: Row } {
  return {
    condition: "tokenExpiresAt > :barred AND NOT joinedAt > :leftAt",
    values: { ...BARRED, ":leftAt": leftAt },
  };
}
