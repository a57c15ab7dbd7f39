/**
 * Rows of connections. `CONN#<id>` has one row for the connection itself (`sk` = `#`) and one for each of its rooms
 * (`ROOM#<room>`). Each room's row is stored a second time as `ROOM#<room>` / `CONN#<id>`, which the fan-out reads. One
 * Query for `CONN#<id>` therefore finds all rows to delete with the connection; `USER#<user>` / `CONN#<id>` finds a
 * person's connections.
 */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "../../protocol/entries";
import type { Resource } from "../resource";
import { batchGet } from "../tables/batchGet";
import { batchWrite, type Key, type WriteRequest } from "../tables/batchWrite";
import { dynamodb } from "../tables/client";
import { type Row, setIf } from "../tables/conditionalWrite";
import { queryAll } from "../tables/queryPages";
import { duePut } from "./due";

/**
 * Lifetime of a connection's rows: API Gateway ends a connection after 2 h; a row that still exists 10 minutes later is
 * stale.
 */
const CONNECTION_TTL_SECONDS = 2 * 3600 + 600;

export interface Connection {
  id: string;
  user: User;
  /** Milliseconds since 1970, from API Gateway. */
  connectedAt: number;
  /** After this time, nothing is accepted from the connection or delivered to it; milliseconds since 1970. */
  tokenExpiresAt: number;
  /** Whether the connection was announced to others, because it sent `hello`, joined a room or sent a message. */
  present?: true;
}

/**
 * Stores a new connection, with the connection's own row for each of these rooms. The sweep checks the connection for
 * the first time after `firstLookMs`.
 *
 * @param rooms rooms that the connection is about to enter; it is in a room only once the room's row exists, too
 */
export async function addConnection(
  table: Resource<"BatchWriteItem">,
  added: Connection,
  firstLookMs: number,
  rooms: string[] = [],
): Promise<void> {
  const row = rowOf(added);
  const keys = [
    connectionRowKey(added.id),
    ofUserKey(added.user.id, added.id),
    ...rooms.map((room) => membershipKeys(added.id, room)[0]),
  ];
  await batchWrite(table, [
    ...keys.map((key): WriteRequest => ({ PutRequest: { Item: { ...key, ...row } } })),
    duePut("CONN", added.id, Date.now() + firstLookMs),
  ]);
}

/** @returns undefined if there is no such connection */
export async function connectionOf(table: Resource<"GetItem">, id: string): Promise<Connection | undefined> {
  const Key = connectionRowKey(id);
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  return Item === undefined ? undefined : connectionIn(Item);
}

/** Reads the connections among these ids that exist. @param ids at most 100 */
export async function connectionsAmong(table: Resource<"BatchGetItem">, ids: string[]): Promise<Connection[]> {
  return (
    await batchGet(
      table,
      ids.map((id) => ({ ...connectionRowKey(id) })),
    )
  ).map(connectionIn);
}

/** All connections of one person. */
export async function connectionsOf(table: Resource<"Query">, userId: string): Promise<Connection[]> {
  return (await queryAll(table, ofUserKey(userId, ""))).map(connectionIn);
}

/**
 * Stores a newer token's expiry in the rows of a connection and of its memberships. Rows deleted in the meantime aren't
 * restored.
 *
 * @returns false if the connection doesn't exist
 */
export async function renewToken(
  table: Resource<"Query" | "UpdateItem">,
  id: string,
  tokenExpiresAt: number,
): Promise<boolean> {
  const renew = (key: Key) =>
    setIf(table, key, "tokenExpiresAt", tokenExpiresAt, { expression: "#attribute > :barred", values: BARRED });
  // The connection's own row comes first, because a concurrent join copies the expiry from it.
  if ((await renew(connectionRowKey(id))) !== undefined) return false;
  for (const { room } of await membershipsOf(table, id)) await Promise.all(membershipKeys(id, room).map(renew));
  return true;
}

/**
 * Marks a connection as present, meaning that it has been announced, in all its rooms. Rows deleted in the meantime
 * aren't restored.
 *
 * @param marked rooms whose rows already have the mark
 * @returns the rooms that this call has marked; none if the connection is gone or was marked before
 */
export async function markPresent(
  table: Resource<"Query" | "UpdateItem">,
  id: string,
  marked: string[] = [],
): Promise<string[]> {
  const isIn = "tokenExpiresAt > :barred";
  /** @returns whether the row has the mark because of this call */
  const mark = async (key: Key, condition: string) =>
    (await setIf(table, key, "present", true, { expression: condition, values: BARRED })) === undefined;
  if (!(await mark(connectionRowKey(id), `${isIn} AND attribute_not_exists(#attribute)`))) return [];
  const rooms: string[] = [];
  for (const { room } of await membershipsOf(table, id)) {
    if (marked.includes(room)) continue;
    const [ofConnection, ofRoom] = membershipKeys(id, room);
    // The room's row comes first. It is missing if the person may not enter the room. Then the connection's own row has
    // to stay unmarked, because a marked one makes others hear of a departure.
    if (!(await mark(ofRoom, isIn))) continue;
    await mark(ofConnection, isIn);
    rooms.push(room);
  }
  return rooms;
}

function connectionKey(id: string): string {
  return `CONN#${id}`;
}

export function connectionRowKey(id: string): Key {
  return { pk: connectionKey(id), sk: "#" };
}

export function ofUserKey(userId: string, id: string): Key {
  return { pk: `USER#${userId}`, sk: connectionKey(id) };
}

export function roomKey(room: string): string {
  return `ROOM#${room}`;
}

/** Keys of a membership's two rows: one leads from a connection to its rooms, one from a room to its members. */
export function membershipKeys(id: string, room: string): [ofConnection: Key, ofRoom: Key] {
  const [connection, roomPk] = [connectionKey(id), roomKey(room)];
  return [
    { pk: connection, sk: roomPk },
    { pk: roomPk, sk: connection },
  ];
}

/**
 * Token expiry in the rows of connections that were barred from a room or left it. It is earlier than any real expiry,
 * so no member has it.
 */
export const BARRED = { ":barred": 0 };

/**
 * Writes that bar connections from a room. The row that replaces each membership can't be replaced by a later join, not
 * even by one whose permissions were checked before the ban.
 */
export function barringWrites(ids: string[], room: string): WriteRequest[] {
  const expiresAt = Math.floor(Date.now() / 1000) + CONNECTION_TTL_SECONDS;
  return ids.flatMap((connectionId): WriteRequest[] => {
    const [ofConnection, ofRoom] = membershipKeys(connectionId, room);
    const Item = { ...ofRoom, connectionId, tokenExpiresAt: BARRED[":barred"], expiresAt };
    return [{ PutRequest: { Item } }, { DeleteRequest: { Key: ofConnection } }];
  });
}

/** The rows that replace a connection's two rows in a room, see `leave`. */
export function leftRows(id: string, room: string, leftAt: number): [ofConnection: Row, ofRoom: Row] {
  const expiresAt = Math.floor(leftAt / 1000) + CONNECTION_TTL_SECONDS;
  const row = { connectionId: id, tokenExpiresAt: BARRED[":barred"], leftAt, expiresAt };
  const [ofConnection, ofRoom] = membershipKeys(id, room);
  return [
    { ...ofConnection, ...row },
    { ...ofRoom, ...row },
  ];
}

export function membershipDeletes(id: string, rooms: string[]): WriteRequest[] {
  return rooms.flatMap((room) => membershipKeys(id, room).reverse()).map((Key) => ({ DeleteRequest: { Key } }));
}

export function rowOf({ id, ...facts }: Connection): Row {
  const expiresAt = Math.floor(facts.connectedAt / 1000) + CONNECTION_TTL_SECONDS;
  return { connectionId: id, ...facts, expiresAt };
}

export function connectionIn(row: Row): Connection {
  const {
    connectionId: id,
    user,
    connectedAt,
    tokenExpiresAt,
    present,
  } = row as unknown as Omit<Connection, "id"> & {
    connectionId: string;
  };
  return { id, user, connectedAt, tokenExpiresAt, ...(present ? { present } : {}) };
}

/** A connection's place in a room, according to the connection's own rows. */
export interface OwnMembership {
  room: string;
  user: User;
  present?: true;
}

/** Reads a connection's place in a room, according to the room's row. @returns undefined if it has none */
export async function membershipIn(
  table: Resource<"GetItem">,
  id: string,
  room: string,
): Promise<OwnMembership | undefined> {
  const [, Key] = membershipKeys(id, room);
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  // A row that bars the connection isn't a place in the room: the sweep removes places, and this row has to stay.
  if (Item?.user === undefined) return undefined;
  return { room, user: Item.user as User, ...(Item.present ? { present: true } : {}) };
}

/** The rooms that a connection is in. */
export async function membershipsOf(table: Resource<"Query">, id: string): Promise<OwnMembership[]> {
  return (await placesOf(table, id)).memberships;
}

/**
 * The rooms that a connection is in, and those that it has left, with the times of leaving in milliseconds since 1970.
 */
export async function placesOf(
  table: Resource<"Query">,
  id: string,
): Promise<{ memberships: OwnMembership[]; left: Map<string, number> }> {
  const memberships: OwnMembership[] = [];
  const left = new Map<string, number>();
  for (const { sk, user, present, leftAt } of await queryAll(table, { pk: connectionKey(id), sk: roomKey("") })) {
    const room = (sk as string).slice(roomKey("").length);
    if (leftAt !== undefined) left.set(room, leftAt as number);
    else memberships.push({ room, user: user as User, ...(present ? { present: true } : {}) });
  }
  return { memberships, left };
}
