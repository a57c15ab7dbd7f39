/** Reads where the rooms' logs end. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Resource } from "../resource";
import { batchGet } from "../tables/batchGet";
import { dynamodb } from "../tables/client";
import { headKey } from "./rows";

export interface Head {
  /** The last claimed position; 0 if nobody has written yet. */
  head: number;
  /** When that position was claimed, in milliseconds since 1970. */
  headAt: number;
  /** When the room's first position was claimed, in milliseconds since 1970. */
  madeAt: number;
}

export async function headOf(table: Resource<"GetItem">, room: string): Promise<Head> {
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key: headKey(room), ConsistentRead: true }));
  const { head = 0, headAt = 0, madeAt = 0 } = (Item ?? {}) as Partial<Head>;
  return { head, headAt, madeAt };
}

/** Last claimed positions by room; 0 for a room in which nobody has written yet. @param rooms at most 100 */
export async function headsOf(table: Resource<"BatchGetItem">, rooms: string[]): Promise<Record<string, number>> {
  const rows = await batchGet(
    table,
    rooms.map((room) => ({ ...headKey(room) })),
  );
  const heads = new Map(rows.map(({ pk, head }) => [pk, head as number]));
  return Object.fromEntries(rooms.map((room) => [room, heads.get(headKey(room).pk) ?? 0]));
}
