/** How far the rooms' logs go. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Resource } from "../resource";
import { batchGet } from "../tables/batchGet";
import { dynamodb } from "../tables/client";
import { headKey } from "./rows";

export interface Head {
  /** The last position that was given out; 0 where nobody has spoken yet. */
  head: number;
  /** When, in milliseconds since 1970. */
  headAt: number;
  /** When the first one was. */
  madeAt: number;
}

export async function headOf(table: Resource<"GetItem">, room: string): Promise<Head> {
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key: headKey(room), ConsistentRead: true }));
  const { head = 0, headAt = 0, madeAt = 0 } = (Item ?? {}) as Partial<Head>;
  return { head, headAt, madeAt };
}

/** @param rooms 100 at most */
export async function headsOf(table: Resource<"BatchGetItem">, rooms: string[]): Promise<Record<string, number>> {
  const rows = await batchGet(
    table,
    rooms.map((room) => ({ ...headKey(room) })),
  );
  const heads = new Map(rows.map(({ pk, head }) => [pk, head as number]));
  return Object.fromEntries(rooms.map((room) => [room, heads.get(headKey(room).pk) ?? 0]));
}
