/** Rooms with a history, written directly into the local cloud's tables. */
import { headKey, rowOf } from "../../chat/log/rows.ts";
import type { AuthoredEntry, EntryContent } from "../../protocol/entries.ts";
import { Operator } from "../load/operator.ts";

/**
 * Writes a room's whole log, with two seconds between entries, ending a minute ago.
 *
 * @param url URL of the local cloud, such as `http://127.0.0.1:4510`
 */
export async function seedRoom(url: string, room: string, log: (EntryContent & { by?: string })[]): Promise<void> {
  const operator = await Operator.of(url);
  const end = Date.now() - 60_000;
  const rows = log.map(({ by = "Writer", ...content }, i) => {
    const sentAt = end - (log.length - i) * 2_000;
    const entry = { seq: i + 1, id: `seeded ${i + 1}`, user: { id: by, name: by }, sentAt, ...content };
    const { expiresAt: _, ...row } = rowOf(room, entry as AuthoredEntry);
    return { PutRequest: { Item: row } };
  });
  const head = { ...headKey(room), head: log.length, headAt: end, madeAt: end };
  await operator.write("messages", [...rows, { PutRequest: { Item: head } }]);
}

export function httpOf(webSocketUrl: string): string {
  return `http://${new URL(webSocketUrl).host}`;
}
