/** Read markers, which also serve as the list of a person's rooms: `USER#<user>` / `ROOM#<room>` {readThrough}. */
import { DeleteCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { roomKey } from "../connections/connections";
import type { Resource } from "../resource";
import { dynamodb } from "../tables/client";
import { setIf } from "../tables/conditionalWrite";

/** Rooms per answer: one call of DynamoDB returns the heads of this many logs. */
const PAGE = 100;

const keyOf = (userId: string, room: string) => ({ pk: `USER#${userId}`, sk: roomKey(room) });

/** Adds a room to a person's list without changing an existing marker. */
export async function listRoom(table: Resource<"UpdateItem">, userId: string, room: string): Promise<void> {
  await dynamodb.send(
    new UpdateCommand({
      TableName: table,
      Key: keyOf(userId, room),
      UpdateExpression: "SET readThrough = if_not_exists(readThrough, :none)",
      ExpressionAttributeValues: { ":none": 0 },
    }),
  );
}

export async function unlistRoom(table: Resource<"DeleteItem">, userId: string, room: string): Promise<void> {
  await dynamodb.send(new DeleteCommand({ TableName: table, Key: keyOf(userId, room) }));
}

/** Moves a marker forward. @returns false if it was already at this position or beyond */
export async function markReadThrough(
  table: Resource<"UpdateItem">,
  userId: string,
  room: string,
  seq: number,
): Promise<boolean> {
  const expression = "attribute_not_exists(#attribute) OR #attribute < :value";
  return (await setIf(table, keyOf(userId, room), "readThrough", seq, { expression })) === undefined;
}

export interface MarkedRoom {
  room: string;
  readThrough: number;
}

/** A person's rooms, sorted by name. @param after last room of the previous page */
export async function markedRooms(
  table: Resource<"Query">,
  userId: string,
  after: string | undefined,
): Promise<{ rooms: MarkedRoom[]; more: boolean }> {
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      // The same partition stores the person's connections.
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :rooms)",
      ExpressionAttributeValues: { ":pk": keyOf(userId, "").pk, ":rooms": roomKey("") },
      ExclusiveStartKey: after === undefined ? undefined : keyOf(userId, after),
      Limit: PAGE,
    }),
  );
  const rooms = Items.map(({ sk, readThrough }) => ({ room: (sk as string).slice(roomKey("").length), readThrough }));
  return { rooms, more: LastEvaluatedKey !== undefined };
}
