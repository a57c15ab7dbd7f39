/**
 * All stored data of one person: everything with their id. It is found by reading both tables from end to end, in
 * parts: an index would cost a write per message, and operators rarely need it.
 */
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "../protocol/entries";
import { close } from "./connections/connectionsApi";
import { announceSlot } from "./presence/announceSlot";
import { depart } from "./presence/departures";
import type { Resource } from "./resource";
import { batchWrite, type Key, type WriteRequest } from "./tables/batchWrite";
import { dynamodb } from "./tables/client";
import { type Row, updateIf } from "./tables/conditionalWrite";

/** Where to continue reading a table. */
export type Cursor = Row;

export interface Found {
  rows: Row[];
  /** Undefined at the end of the table. */
  next?: Cursor;
}

/**
 * Rows that belong to a person: what they wrote, their connections and memberships, their roles, and their read
 * markers.
 */
export async function rowsOf(table: Resource<"Scan">, userId: string, start: Cursor | undefined): Promise<Found> {
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(
    new ScanCommand({
      TableName: table,
      FilterExpression: "#user.#id = :user OR userId = :user OR pk = :markers",
      ExpressionAttributeNames: { "#user": "user", "#id": "id" },
      ExpressionAttributeValues: { ":user": userId, ":markers": `USER#${userId}` },
      ExclusiveStartKey: start,
    }),
  );
  // The positions of a message's edits add nothing to the edits themselves, and JSON can't represent a set.
  const rows = Items.map(({ edits: _, ...row }) => row);
  return LastEvaluatedKey === undefined ? { rows } : { rows, next: LastEvaluatedKey };
}

/**
 * Empties the entries among these rows. Their position, kind, id and author's id stay, so that the log keeps its order
 * and retries still find them. Deleted messages are already empty except for their author's name. A row that its TTL
 * has removed in the meantime stays removed.
 *
 * @returns the number of entries emptied now
 */
export async function emptyEntries(table: Resource<"UpdateItem">, rows: Row[], userId: string): Promise<number> {
  const entries = rows.filter(({ kind, user }) => kind !== undefined && (user as User).name !== "");
  let emptied = 0;
  await eachOf(entries, async ({ pk, sk, text, emoji }) => {
    const failed = await updateIf(table, { pk, sk } as { pk: string; sk: number }, {
      update: [
        "SET erased = :true, #user = :user",
        text === undefined ? "" : ", #text = :empty",
        emoji === undefined ? "" : ", emoji = :empty, #on = :false",
      ].join(""),
      condition: "attribute_exists(pk)",
      names: {
        "#user": "user",
        ...(text === undefined ? {} : { "#text": "text" }),
        ...(emoji === undefined ? {} : { "#on": "on" }),
      },
      values: {
        ":true": true,
        ":user": { id: userId, name: "" },
        ...(text === undefined && emoji === undefined ? {} : { ":empty": "" }),
        ...(emoji === undefined ? {} : { ":false": false }),
      },
    });
    if (failed === undefined) emptied += 1;
  });
  return emptied;
}

export interface ErasureDeps {
  connections: Resource<"GetItem" | "Query" | "BatchWriteItem" | "PutItem">;
  posts: Resource<"POST" | "DELETE">;
}

/**
 * Removes these rows from the connections table, and closes the connections among them. Bans stay, because they protect
 * other people. It also stays recorded that a private room has had its first member, but not who that was.
 *
 * @returns the number of rows removed
 */
export async function removeRows({ connections, posts }: ErasureDeps, rows: Row[]): Promise<number> {
  const open = rows.filter(({ pk, sk }) => (pk as string).startsWith("CONN#") && sk === "#");
  const slots = new Set<number>();
  await eachOf(open, async ({ connectionId, user }) => {
    const id = connectionId as string;
    await close(posts, id).catch(() => {});
    const { slot } = await depart(connections, { id, user: user as User });
    if (slot !== undefined) slots.add(slot);
  });
  for (const slot of slots) await announceSlot({ connections, posts }, slot);
  const removed = rows.filter(({ role }) => role !== "banned");
  await batchWrite(
    connections,
    removed.map(({ pk, sk }): WriteRequest => {
      const key = { pk, sk } as Key;
      const isFirst = key.pk.startsWith("ROLES#") && key.sk === "#";
      return isFirst ? { PutRequest: { Item: { ...key, userId: "" } } } : { DeleteRequest: { Key: key } };
    }),
  );
  return removed.length;
}

/** Runs some work on each row, a few rows at a time. */
async function eachOf(rows: Row[], work: (row: Row) => Promise<unknown>): Promise<void> {
  for (let done = 0; done < rows.length; done += 25) await Promise.all(rows.slice(done, done + 25).map(work));
}
