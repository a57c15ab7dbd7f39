/**
 * Who is connected. A connection's rows stand under `CONN#<id>`: one for itself (`sk` = `#`) and one for each room it
 * is in (`ROOM#<room>`), which stands a second time under `ROOM#<room>` / `CONN#<id>` for the fan-out to read.
 * One Query by connection so finds all that has to go with it.
 */
import { BatchWriteCommand, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "../protocol/entries";
import { LOBBY } from "../protocol/requests";
import { setIf } from "./conditional";
import { dynamodb } from "./dynamodb";
import type { Resource } from "./resource";

/** API Gateway ends a connection after 2 h; what is still there 10 minutes later belongs to nobody. */
const CONNECTION_TTL_SECONDS = 2 * 3600 + 600;

export interface Connection {
  id: string;
  user: User;
  /** Milliseconds since 1970, by API Gateway. */
  connectedAt: number;
  /** Past it nothing is accepted from it and nothing delivered to it; milliseconds since 1970. */
  tokenExpiresAt: number;
}

/** Stores a connection and puts it into the lobby. */
export async function addConnection(table: Resource<"BatchWriteItem">, added: Connection): Promise<void> {
  await write(table, [
    { PutRequest: { Item: { pk: connectionKey(added.id), sk: "#", ...rowOf(added) } } },
    ...membershipPuts(added, [LOBBY]),
  ]);
}

/** @returns undefined for one that is not there, or no longer */
export async function connectionOf(table: Resource<"GetItem">, id: string): Promise<Connection | undefined> {
  const Key = { pk: connectionKey(id), sk: "#" };
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  if (Item === undefined) return undefined;
  const { user, connectedAt, tokenExpiresAt } = Item as Connection;
  return { id, user, connectedAt, tokenExpiresAt };
}

/** Removes a connection from everywhere; one that is not there is no error. @returns the rooms that it was in */
export async function removeConnection(table: Resource<"Query" | "BatchWriteItem">, id: string): Promise<string[]> {
  const rooms = await roomsOf(table, id);
  // The rooms' rows first: while one is left, its connection can still be found.
  await write(table, [...membershipDeletes(id, rooms), { DeleteRequest: { Key: { pk: connectionKey(id), sk: "#" } } }]);
  return rooms;
}

/**
 * Puts the end of a newer token on a connection and its memberships; what is gone meanwhile stays gone.
 *
 * @returns false for a connection that is not there
 */
export async function renewToken(
  table: Resource<"Query" | "UpdateItem">,
  id: string,
  tokenExpiresAt: number,
): Promise<boolean> {
  const renew = (key: Key) =>
    setIf(table, key, "tokenExpiresAt", tokenExpiresAt, { expression: "attribute_exists(pk)" });
  // The connection's own row first: who joins a room meanwhile takes the time from there.
  if ((await renew({ pk: connectionKey(id), sk: "#" })) !== undefined) return false;
  for (const room of await roomsOf(table, id)) await Promise.all(membershipKeys(id, room).map(renew));
  return true;
}

export interface Key {
  pk: string;
  sk: string;
}

function connectionKey(id: string): string {
  return `CONN#${id}`;
}

export function roomKey(room: string): string {
  return `ROOM#${room}`;
}

/** A membership stands twice: for the connection to be removed everywhere, and for the room to be read. */
export function membershipKeys(id: string, room: string): [ofConnection: Key, ofRoom: Key] {
  const [connection, roomPk] = [connectionKey(id), roomKey(room)];
  return [
    { pk: connection, sk: roomPk },
    { pk: roomPk, sk: connection },
  ];
}

export function membershipPuts(connection: Connection, rooms: string[]): WriteRequest[] {
  const row = rowOf(connection);
  return rooms
    .flatMap((room) => membershipKeys(connection.id, room))
    .map((key) => ({ PutRequest: { Item: { ...key, ...row } } }));
}

export function membershipDeletes(id: string, rooms: string[]): WriteRequest[] {
  return rooms.flatMap((room) => membershipKeys(id, room).reverse()).map((Key) => ({ DeleteRequest: { Key } }));
}

function rowOf({ id, ...facts }: Connection): object {
  const expiresAt = Math.floor(facts.connectedAt / 1000) + CONNECTION_TTL_SECONDS;
  return { connectionId: id, ...facts, expiresAt };
}

/** All rooms that a connection is in. */
async function roomsOf(table: Resource<"Query">, id: string): Promise<string[]> {
  const rooms: string[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :rooms)",
        ExpressionAttributeValues: { ":pk": connectionKey(id), ":rooms": roomKey("") },
        ExclusiveStartKey: start,
      }),
    );
    rooms.push(...Items.map(({ sk }) => (sk as string).slice(roomKey("").length)));
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return rooms;
}

export type WriteRequest = { PutRequest: { Item: object } } | { DeleteRequest: { Key: Key } };

/** DynamoDB takes 25 writes at a time, and may hand some of them back when it is busy. */
export async function write(table: Resource<"BatchWriteItem">, requests: WriteRequest[]): Promise<void> {
  let waiting = requests as unknown as Record<string, unknown>[];
  let refusals = 0;
  while (waiting.length > 0) {
    const batch = waiting.slice(0, 25);
    const { UnprocessedItems } = await dynamodb.send(new BatchWriteCommand({ RequestItems: { [table]: batch } }));
    const unprocessed = UnprocessedItems?.[table] ?? [];
    waiting = [...unprocessed, ...waiting.slice(25)];
    if (unprocessed.length === 0) continue;
    if (++refusals === 8) throw new Error("DynamoDB handed writes back 8 times");
    await new Promise((resolve) => setTimeout(resolve, 2 ** refusals * 10));
  }
}
