import { BARRED, leftRows, membershipKeys, placesOf } from "../connections/connections";
import type { Resource } from "../resource";
import { deleteIf, putIf, type Row } from "../tables/conditionalWrite";

/** A write that was given up for lost isn't expected to take effect after this time. */
const LATE_MS = 60_000;

/**
 * Takes a connection out of a room; when it returns, no page of members that is read holds it.
 *
 * A write that was given up for lost and made again may take effect once more after all:
 *     join:   puts its row ─ no answer ─ puts it again ─ acknowledged        (the first one arrives)
 *     leave:                                              removes it ─ acknowledged      │
 *     in the room again?                                                                 no: it left later
 * So what is left behind says when that was, and a join that is older doesn't replace it. Nor does a leaving that
 * arrives so late remove the row of a join that came after it.
 *
 * Such rows go with the connection, and with a later leaving once they are a minute old.
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
  // It may have come back in the meantime.
  await Promise.all(old.map((key) => deleteIf(table, key, { condition: "leftAt < :past", values: { ":past": past } })));
}

/** @returns when it left; undefined if it isn't in the room because it left before, is barred, or never joined */
async function replaceMember(
  table: Resource<"PutItem">,
  connectionId: string,
  room: string,
  leftAt: number,
): Promise<number | undefined> {
  const [, ofRoom] = leftRows(connectionId, room, leftAt);
  const refused = await putIf(table, ofRoom, unlessLater(leftAt));
  if (refused === undefined) return leftAt;
  const joinedAt = (refused.row?.joinedAt ?? 0) as number;
  return joinedAt > leftAt ? replaceMember(table, connectionId, room, joinedAt) : undefined;
}

function unlessLater(leftAt: number): { condition: string; values: Row } {
  return {
    condition: "tokenExpiresAt > :barred AND NOT joinedAt > :leftAt",
    values: { ...BARRED, ":leftAt": leftAt },
  };
}
