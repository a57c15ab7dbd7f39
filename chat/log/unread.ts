/** How much of a room somebody has not read, as a person would count it. */

import type { Resource } from "../resource";
import type { Row } from "../tables/conditionalWrite";
import { queryPages } from "../tables/queryPages";
import { FOR_EVER } from "./retention";
import { entryKey, lastOfPartition, timeOf } from "./rows";

/** Counted at most; beyond it nobody counts on. */
const MAX_UNREAD = 100;

/** Positions read at most: those that are no messages count here, too. */
const MAX_POSITIONS = 200;

export interface Unread {
  /** Messages of other people, 100 at most. */
  unread: number;
  /** There are more of them, or there may be. */
  unreadMore?: true;
}

/**
 * Counts other people's messages after a read marker: not one's own, nor edits, deletions, reactions, void positions,
 * and what was deleted since. It reads the room's newest 200 positions at most, and none where all is read.
 */
export async function unreadOf(
  table: Resource<"Query">,
  { room, head, read }: { room: string; head: number; read: number },
  userId: string,
  retention = FOR_EVER,
): Promise<Unread> {
  const from = Math.max(read + 1, head - MAX_POSITIONS + 1);
  const rows: Row[] = [];
  for (let seq = from; seq <= head; seq = lastOfPartition(seq) + 1) {
    const pages = queryPages(table, {
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: {
        ":pk": entryKey(room, seq).pk,
        ":from": seq,
        ":to": Math.min(lastOfPartition(seq), head),
      },
      ProjectionExpression: "#kind, #user.#id, erased, sentAt, #at",
      ExpressionAttributeNames: { "#kind": "kind", "#user": "user", "#id": "id", "#at": "at" },
    });
    for await (const page of pages) rows.push(...page.rows);
  }
  const count = rows.filter(
    (row) =>
      row.kind === "message" &&
      (row.user as { id: string }).id !== userId &&
      row.erased === undefined &&
      retention.keeps(row.sentAt as number),
  ).length;
  const [oldest] = rows;
  // No entry below an expired one is kept.
  const isCut = from > read + 1 && oldest !== undefined && retention.keeps(timeOf(oldest));
  return { unread: Math.min(count, MAX_UNREAD), ...(count > MAX_UNREAD || isCut ? { unreadMore: true } : {}) };
}
