/** Which connections are in which room. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import {
  BARRED,
  type Connection,
  connectionOf,
  membershipDeletes,
  membershipKeys,
  roomKey,
  rowOf,
} from "../connections/connections";
import { unknownConnection } from "../refusal";
import type { Resource } from "../resource";
import { batchWrite } from "../tables/batchWrite";
import { dynamodb } from "../tables/client";
import { deleteIf, putIf } from "../tables/conditionalWrite";
import { queryPages } from "../tables/queryPages";
import { rolesIn } from "./roles";
import { rightsOf } from "./roomPolicy";

/** Members of one page: what a fan-out has in hand when somebody leaves. */
const PAGE = 100;

/** A connection as a member of a room. */
export type Member = Connection;

/** What it takes to put a connection into a room. */
export type JoinTable = Resource<"GetItem" | "BatchGetItem" | "PutItem" | "BatchWriteItem">;

/**
 * Puts a connection into those of these rooms that its user may read. The rows are there when it returns, so what is
 * appended from then on is posted to it, and whoever reads the log afterwards misses nothing in between.
 *
 * @returns the connection, and the rooms that it is in now
 * @throws Refusal NOT_A_MEMBER for a connection that is gone
 */
export async function join(
  table: JoinTable,
  connectionId: string,
  rooms: string[],
): Promise<{ connection: Connection; entered: string[] }> {
  let connection = await connectionOf(table, connectionId);
  while (connection !== undefined) {
    const entered = await enter(table, connection, rooms);
    // The connection may have ended, or its token been renewed, between the look at it and the rows:
    //     $disconnect:  reads the connection's rows ─ removes them
    //     join:       reads the connection ─────────────────────────── puts rows ─ reads it again
    const now: Connection | undefined = await connectionOf(table, connectionId);
    if (now?.tokenExpiresAt === connection.tokenExpiresAt) return { connection, entered };
    if (now === undefined) await batchWrite(table, membershipDeletes(connectionId, entered));
    connection = now;
  }
  throw unknownConnection();
}

/**
 * Puts a connection that is there for sure into those of these rooms that its user may read.
 *
 * A ban sets the role first, and then bars the user's connections:
 *     ban:                    sets the role ─ bars the connection ─ acknowledged
 *     join:  reads the role ──────────────────────────────────────────────────── puts the row? no: it is barred
 */
export async function enter(
  table: Resource<"BatchGetItem" | "PutItem" | "BatchWriteItem">,
  connection: Connection,
  rooms: string[],
): Promise<string[]> {
  const roles = await rolesIn(table, rooms, connection.user.id);
  const rights = new Map(rooms.map((room) => [room, rightsOf(room, roles.get(room))]));
  const readable = rooms.filter((room) => rights.get(room)?.read);
  const rowIn = (room: string) => ({ ...rowOf(connection), ...(rights.get(room)?.write ? {} : { readOnly: true }) });
  // The connection's own row first: by it the room's is found when the connection goes.
  await batchWrite(
    table,
    readable.map((room) => ({ PutRequest: { Item: { ...membershipKeys(connection.id, room)[0], ...rowIn(room) } } })),
  );
  const barred = await Promise.all(
    readable.map((room) => putIf(table, { ...membershipKeys(connection.id, room)[1], ...rowIn(room) }, UNLESS_BARRED)),
  );
  const refused = readable.filter((_, i) => barred[i] !== undefined);
  await batchWrite(
    table,
    refused.map((room) => ({ DeleteRequest: { Key: membershipKeys(connection.id, room)[0] } })),
  );
  return readable.filter((room) => !refused.includes(room));
}

const UNLESS_BARRED = { condition: "attribute_not_exists(pk) OR tokenExpiresAt > :barred", values: BARRED };

/** Takes a connection out of a room; when it returns, no page of members that is read holds it. */
export async function leave(
  table: Resource<"BatchWriteItem" | "DeleteItem">,
  connectionId: string,
  room: string,
): Promise<void> {
  const [ofConnection, ofRoom] = membershipKeys(connectionId, room);
  await deleteIf(table, ofRoom, UNLESS_BARRED);
  await batchWrite(table, [{ DeleteRequest: { Key: ofConnection } }]);
}

export interface Membership {
  /** Past it nothing is accepted and nothing delivered; milliseconds since 1970. */
  tokenExpiresAt: number;
  /** By the room's policy, when it joined. */
  readOnly?: true;
}

/** @returns undefined for who is not in the room */
export async function membershipOf(
  table: Resource<"GetItem">,
  connectionId: string,
  room: string,
): Promise<Membership | undefined> {
  const [Key] = membershipKeys(connectionId, room);
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  return Item as Membership | undefined;
}

/** Of these rooms, those that a connection is in. */
export async function roomsAmong(table: Resource<"GetItem">, connectionId: string, rooms: string[]): Promise<string[]> {
  const memberships = await Promise.all(rooms.map((room) => membershipOf(table, connectionId, room)));
  return rooms.filter((_, i) => memberships[i] !== undefined);
}

/** A part of a room's members, by their keys: after the first, up to and with the second. */
export interface MemberRange {
  after: string;
  through: string;
}

export interface MemberPage {
  members: Member[];
  /** The key of the last row of the page; none on the last page. */
  last?: string;
}

/**
 * The members of a room that may be posted to, page by page, read when they are asked for. Rows past their TTL are left
 * out, for DynamoDB deletes them days later, and so are those whose token has expired.
 */
export async function* membersOf(
  table: Resource<"Query">,
  room: string,
  range?: MemberRange,
): AsyncGenerator<MemberPage> {
  const pages = queryPages(table, {
    KeyConditionExpression: range === undefined ? "pk = :pk" : "pk = :pk AND sk <= :through",
    FilterExpression: "expiresAt > :seconds AND tokenExpiresAt > :now",
    ExpressionAttributeValues: {
      ":pk": roomKey(room),
      ":seconds": Math.floor(Date.now() / 1000),
      ":now": Date.now(),
      ":through": range?.through,
    },
    ExclusiveStartKey: range && { pk: roomKey(room), sk: range.after },
    Limit: PAGE,
  });
  for await (const { rows, last } of pages) {
    const members = rows.map(({ connectionId, ...facts }) => ({ id: connectionId, ...facts }) as Member);
    yield last === undefined ? { members } : { members, last: last.sk as string };
  }
}

/** Cuts what follows a member into ranges of so many. */
export async function* rangesOf(
  table: Resource<"Query">,
  room: string,
  after: string,
  size: number,
): AsyncGenerator<MemberRange> {
  let from = after;
  let keys: string[] = [];
  const pages = queryPages(table, {
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": roomKey(room) },
    ProjectionExpression: "sk",
    ExclusiveStartKey: { pk: roomKey(room), sk: after },
  });
  for await (const { rows, last } of pages) {
    keys.push(...rows.map(({ sk }) => sk as string));
    while (keys.length >= size || (last === undefined && keys.length > 0)) {
      const through = keys[Math.min(size, keys.length) - 1] as string;
      yield { after: from, through };
      keys = keys.slice(size);
      from = through;
    }
  }
}
