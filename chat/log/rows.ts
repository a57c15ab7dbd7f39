/**
 * The rows of a room's log, and their keys.
 *
 *     META#<room>                0    head, headAt,      the sequencer: the last claimed position, when that was,
 *                                     madeAt             and when the first one was claimed
 *     DEDUPE#<room>#<user>#<id>  0    seq, hash          which position a request's entry goes to
 *     ROOM#<room>#<n ÷ 10,000>   n    an entry or void   written once; its content may be erased
 *
 * In addition to its entry, a message's row has `edits`, the positions that edits of the message may have, and a
 * deletion's row has `done` once the deleted content is erased.
 */
import { createHash } from "node:crypto";
import type { AuthoredEntry, Entry } from "../../protocol/entries";
import type { Resource } from "../resource";
import { putIfAbsent, type Row } from "../tables/conditionalWrite";
import { FOR_EVER } from "./retention";

/** Entries per partition; a DynamoDB partition accepts 1,000 writes per second. */
const ENTRIES_PER_PARTITION = 10_000;

/** DynamoDB's limit for a partition key; percent-encoded text is ASCII. */
const MAX_KEY_BYTES = 2_048;

export interface Key {
  pk: string;
  sk: number;
}

export function headKey(room: string): Key {
  return { pk: `META#${encoded(room)}`, sk: 0 };
}

export function dedupeKey(room: string, userId: string, id: string): Key {
  const pk = `DEDUPE#${[room, userId, id].map(encoded).join("#")}`;
  // An encoded name can't begin with `#`, so a shortened key never equals another key.
  return { pk: pk.length <= MAX_KEY_BYTES ? pk : `DEDUPE##${createHash("sha256").update(pk).digest("hex")}`, sk: 0 };
}

export function entryKey(room: string, seq: number): Key {
  return { pk: `ROOM#${encoded(room)}#${Math.floor(seq / ENTRIES_PER_PARTITION)}`, sk: seq };
}

/** The first position in the same partition. */
export function firstOfPartition(seq: number): number {
  return Math.floor(seq / ENTRIES_PER_PARTITION) * ENTRIES_PER_PARTITION;
}

/** The last position in the same partition. */
export function lastOfPartition(seq: number): number {
  return (Math.floor(seq / ENTRIES_PER_PARTITION) + 1) * ENTRIES_PER_PARTITION - 1;
}

export function rowOf(room: string, { seq, ...content }: AuthoredEntry, retention = FOR_EVER): Row {
  return { ...entryKey(room, seq), ...content, expiresAt: retention.expiresAt() };
}

export function entryOf(row: Row): Entry {
  const { pk: _, sk, at: __, expiresAt: ___, edits: ____, done: _____, ...content } = row;
  return { seq: sk, ...content } as unknown as Entry;
}

/** When the row was written, by the server's clock. */
export function timeOf(row: Row): number {
  return (row.at ?? row.sentAt) as number;
}

/** Marks a position as void. @returns the row that is stored from now on: void, unless an entry came first */
export async function voidPosition(
  table: Resource<"PutItem">,
  room: string,
  seq: number,
  retention = FOR_EVER,
  at = Date.now(),
): Promise<Row> {
  const row = { ...entryKey(room, seq), kind: "void", at, expiresAt: retention.expiresAt() };
  return (await putIfAbsent(table, row)) ?? row;
}

/** Escapes names so that no two share a key, whatever characters they have. */
function encoded(part: string): string {
  return encodeURIComponent(part);
}
