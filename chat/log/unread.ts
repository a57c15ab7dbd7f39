/** The number of a room's messages that a person hasn't read. */

import type { Resource } from "../resource";
import type { Row } from "../tables/conditionalWrite";
import { queryPages } from "../tables/queryPages";
import { FOR_EVER } from "./retention";
import { entryKey, lastOfPartition, timeOf } from "./rows";

/** Maximum count; more precision would be useless. */
const MAX_UNREAD = 100;

/** Maximum number of positions read, including those without messages. */
const MAX_POSITIONS = 200;

export interface Unread {
  /** Number of other people's messages, at most 100. */
  unread: number;
  /** Set if there are more, or may be. */
  unreadMore?: true;
}

/**
 * Counts other people's messages after a read marker. The person's own messages, deleted messages, edits, deletions,
 * reactions and void positions don't count. This reads at most the room's newest 200 positions, and none if the person
 * has read everything.
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
  // If the oldest entry fetched has expired, every older one has too, so the count is complete.
  const isCut = from > read + 1 && oldest !== undefined && retention.keeps(timeOf(oldest));
  return { unread: Math.min(count, MAX_UNREAD), ...(count > MAX_UNREAD || isCut ? { unreadMore: true } : {}) };
}
