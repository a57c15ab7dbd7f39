/**
 * Erases the content of deleted messages, using the algorithm in docs/protocol.md ("Deletion"); positions stay. Before
 * an edit is written, its position is noted in the row of its message, so a deletion finds all edits of the message:
 *
 *     edit:    notes n on the message ── puts the entry n
 *     delete:  puts its entry ── erases the message, which accepts no more notes ── erases n, or makes the hole void
 */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { DeleteEntry, Entry } from "../../protocol/entries";
import type { Resource } from "../resource";
import { dynamodb } from "../tables/client";
import { type Row, updateIf } from "../tables/conditionalWrite";
import { FOR_EVER } from "./retention";
import { entryKey, entryOf, voidPosition } from "./rows";

export type ErasureTable = Resource<"GetItem" | "UpdateItem" | "PutItem">;

/** Edits that one deletion erases concurrently. */
const EDITS_AT_ONCE = 25;

/**
 * Notes an edit's position in the row of its message.
 *
 * @returns false if there is no message or it is deleted: then the edit must not be written
 */
export async function noteEdit(
  table: Resource<"UpdateItem">,
  room: string,
  target: number,
  position: number,
): Promise<boolean> {
  const failed = await updateIf(table, entryKey(room, target), {
    update: "ADD edits :positions",
    condition: "#kind = :message AND attribute_not_exists(erased)",
    names: { "#kind": "kind" },
    values: { ":positions": new Set([position]), ":message": "message" },
  });
  return failed === undefined;
}

/**
 * Carries out a delete entry, and marks the entry as done. This may run repeatedly and concurrently: for the deletion
 * itself, for its retry, or for a reader that finds the entry without the mark.
 */
export async function finishDeletion(
  table: ErasureTable,
  room: string,
  { seq, target }: Pick<DeleteEntry, "seq" | "target">,
  retention = FOR_EVER,
): Promise<void> {
  await erase(table, room, target, "#kind = :kind", { ":kind": "message" });
  // The edits are read only now, because the message accepts notes of further edits until it is erased.
  const { Item: message } = await dynamodb.send(
    new GetCommand({ TableName: table, Key: entryKey(room, target), ConsistentRead: true }),
  );
  const edits = [...((message?.edits as Set<number> | undefined) ?? [])];
  for (let done = 0; done < edits.length; done += EDITS_AT_ONCE) {
    const some = edits.slice(done, done + EDITS_AT_ONCE);
    await Promise.all(
      some.map(async (position) => {
        if (await eraseEdit(table, room, position, target)) return;
        // The edit's writer may be slow; a void row stops it. The row gets the message's time, so that it isn't kept
        // for longer than the message.
        await voidPosition(table, room, position, retention, message?.sentAt as number);
        // The writer may have been faster than the void row.
        await eraseEdit(table, room, position, target);
      }),
    );
  }
  await updateIf(table, entryKey(room, seq), {
    update: "SET done = :true",
    condition: "#kind = :delete",
    names: { "#kind": "kind" },
    values: { ":true": true, ":delete": "delete" },
  });
}

/** @returns false if there is no row */
async function eraseEdit(table: ErasureTable, room: string, position: number, target: number): Promise<boolean> {
  // A void position, or another entry in a restored table, stays as it is.
  return erase(table, room, position, "#kind = :kind AND target = :target", { ":kind": "edit", ":target": target });
}

/** The condition also prevents recreating a row that its TTL has removed. @returns false if there is no row */
async function erase(
  table: ErasureTable,
  room: string,
  position: number,
  condition: string,
  values: Row,
): Promise<boolean> {
  const failed = await updateIf(table, entryKey(room, position), {
    update: "SET erased = :true, #text = :empty",
    condition,
    names: { "#kind": "kind", "#text": "text" },
    values: { ...values, ":true": true, ":empty": "" },
  });
  return failed?.row !== undefined || failed === undefined;
}

/**
 * Returns the entries of one page, without content that was deleted by an entry on the same page. Entries are read one
 * after another, so the page may contain both a deletion that finished during the read and the text that the message
 * had before.
 */
export function withoutDeleted(entries: Entry[]): Entry[] {
  const deleted = new Set(entries.flatMap((entry) => (entry.kind === "delete" ? [entry.target] : [])));
  return entries.map((entry) => {
    const isDeleted =
      (entry.kind === "message" && deleted.has(entry.seq)) || (entry.kind === "edit" && deleted.has(entry.target));
    return isDeleted ? { ...entry, text: "", erased: true } : entry;
  });
}

/** Completes the deletions among these rows that their functions didn't finish, for example because they crashed. */
export async function finishDeletions(
  table: ErasureTable,
  room: string,
  rows: Row[],
  retention = FOR_EVER,
): Promise<void> {
  const unfinished = rows.filter(({ kind, done }) => kind === "delete" && done === undefined);
  await Promise.all(unfinished.map((row) => finishDeletion(table, room, entryOf(row) as DeleteEntry, retention)));
}
