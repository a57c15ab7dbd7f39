/** How far the rooms' logs go. */
import { BatchGetCommand, GetCommand } from "@aws-sdk/lib-dynamodb";
import { dynamodb } from "../dynamodb";
import type { Resource } from "../resource";
import { headKey } from "./rows";

export interface Head {
  /** The last position that was given out; 0 where nobody has spoken yet. */
  head: number;
  /** When, in milliseconds since 1970. */
  headAt: number;
}

export async function headOf(table: Resource<"GetItem">, room: string): Promise<Head> {
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key: headKey(room), ConsistentRead: true }));
  return { head: (Item?.head as number | undefined) ?? 0, headAt: (Item?.headAt as number | undefined) ?? 0 };
}

/** @param rooms 100 at most: what DynamoDB takes in one call */
export async function headsOf(table: Resource<"BatchGetItem">, rooms: string[]): Promise<Record<string, number>> {
  const heads = new Map<string, number>();
  let Keys: Record<string, unknown>[] = rooms.map((room) => ({ ...headKey(room) }));
  for (let attempt = 0; Keys.length > 0; attempt++) {
    if (attempt === 8) throw new Error("DynamoDB did not give all heads in 8 attempts");
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 2 ** attempt * 10));
    const { Responses, UnprocessedKeys } = await dynamodb.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
    );
    for (const { pk, head } of Responses?.[table] ?? []) heads.set(pk, head as number);
    Keys = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return Object.fromEntries(rooms.map((room) => [room, heads.get(headKey(room).pk) ?? 0]));
}
