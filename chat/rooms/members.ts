/** Which connections are in which room. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import {
  BARRED,
  type Connection,
  connectionIn,
  connectionOf,
  markPresent,
  membershipDeletes,
  membershipKeys,
  membershipsOf,
  roomKey,
  rowOf,
} from "../connections/connections";
import { heldKey } from "../presence/held";
import { Refusal, unknownConnection } from "../refusal";
import type { Resource } from "../resource";
import { batchWrite, type WriteRequest } from "../tables/batchWrite";
import { dynamodb } from "../tables/client";
import { type ConditionFailed, putIf, type Row } from "../tables/conditionalWrite";
import { queryPages } from "../tables/queryPages";
import { rolesIn } from "./roles";
import { rightsOf } from "./roomPolicy";

/** Members of one page: what a fan-out has in hand when somebody leaves. */
const PAGE = 100;

/** A connection as a member of a room. */
export interface Member extends Connection {
  /** When it came into the room, in milliseconds since 1970. */
  joinedAt?: number;
}

export function memberIn(row: Row): Member {
  return { ...connectionIn(row), ...(row.joinedAt === undefined ? {} : { joinedAt: row.joinedAt as number }) };
}

/** What joining takes of the table. */
export type JoinTable = Resource<"GetItem" | "BatchGetItem" | "Query" | "PutItem" | "BatchWriteItem" | "UpdateItem">;

export interface Joined {
  connection: Connection;
  /** Those of the rooms that its user may read: it is in them now. */
  entered: string[];
  /** Rooms in which others learn of it now: it wasn't there before, or nobody had been told. */
  arrived: string[];
}

/**
 * Puts a connection into those of these rooms that its user may read, where others see it from now on. The rows are
 * there when it returns, so what is appended from then on is posted to it, and whoever reads the log afterwards misses nothing in between.
 *
 * @param maxRooms that one connection may be in
 * @throws Refusal NOT_A_MEMBER for a connection that is gone; LIMIT_EXCEEDED when these are too many rooms
 */
export async function join(table: JoinTable, connectionId: string, rooms: string[], maxRooms: number): Promise<Joined> {
  const [first, memberships] = await Promise.all([
    connectionOf(table, connectionId),
    membershipsOf(table, connectionId),
  ]);
  if (new Set([...memberships.map(({ room }) => room), ...rooms]).size > maxRooms) {
    throw new Refusal("LIMIT_EXCEEDED", `a connection can be in ${maxRooms} rooms: leave one first`);
  }
  const knownIn = new Set(memberships.filter(({ present }) => present).map(({ room }) => room));
  let connection = first;
  while (connection !== undefined) {
    const entered = await enter(table, { ...connection, present: true }, rooms);
    const appeared = connection.present ? [] : await markPresent(table, connectionId, entered);
    // The connection may have ended, or its token been renewed, between the look at it and the rows:
    //     $disconnect:  removes the connection ─ reads its other rows ─ removes them
    //     join:       reads the connection ────────────────────────────────────────── puts rows ─ reads it again
    const now: Connection | undefined = await connectionOf(table, connectionId);
    if (now?.tokenExpiresAt === connection.tokenExpiresAt) {
      const arrived = [...new Set([...entered, ...appeared])].filter((room) => !knownIn.has(room));
      return { connection, entered, arrived };
    }
    if (now === undefined) await takeBack(table, connection, entered, knownIn);
    connection = now;
  }
  throw unknownConnection();
}

/**
 * Takes a connection that has ended out of rooms. Its departure from them may be held back by now; where nobody was told
 * of its arrival, the next one must not pass for a return.
 */
async function takeBack(
  table: Resource<"BatchWriteItem">,
  { id, user }: Connection,
  rooms: string[],
  knownIn: ReadonlySet<string>,
): Promise<void> {
  const unseen = rooms.filter((room) => !knownIn.has(room));
  await batchWrite(table, [
    ...membershipDeletes(id, rooms),
    ...unseen.map((room): WriteRequest => ({ DeleteRequest: { Key: heldKey(room, user.id) } })),
  ]);
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
  const joinedAt = Date.now();
  const rowIn = (room: string) => ({
    ...rowOf(connection),
    joinedAt,
    ...(rights.get(room)?.write ? {} : { readOnly: true }),
  });
  // The connection's own row first: by it the room's is found when the connection goes.
  await batchWrite(
    table,
    readable.map((room) => ({ PutRequest: { Item: { ...membershipKeys(connection.id, room)[0], ...rowIn(room) } } })),
  );
  const barred = await Promise.all(
    readable.map((room) => putPlace(table, { ...membershipKeys(connection.id, room)[1], ...rowIn(room) })),
  );
  const refused = readable.filter((_, i) => barred[i] !== undefined);
  await batchWrite(
    table,
    refused.map((room) => ({ DeleteRequest: { Key: membershipKeys(connection.id, room)[0] } })),
  );
  return readable.filter((room) => !refused.includes(room));
}

/**
 * Puts a room's row, unless the connection is barred from the room. A row that is newer stays, as does one that says when
 * the connection left: what is older is a write that was given up for lost, made again, and arrives once more. A join
 * that is under way meanwhile comes after, and tries again.
 */
async function putPlace(table: Resource<"PutItem">, row: Row): Promise<ConditionFailed | undefined> {
  const isOlder = "tokenExpiresAt > :barred AND NOT joinedAt > :joinedAt";
  const isKnown = row.present ? "" : " AND attribute_not_exists(present)";
  const refused = await putIf(table, row, {
    condition: `attribute_not_exists(pk) OR (${isOlder}${isKnown}) OR leftAt < :joinedAt`,
    values: { ...BARRED, ":joinedAt": row.joinedAt },
  });
  const { leftAt, joinedAt, present } = (refused?.row ?? {}) as { leftAt?: number; joinedAt?: number; present?: true };
  if (leftAt !== undefined) return putPlace(table, { ...row, joinedAt: leftAt + 1 });
  if (joinedAt === undefined) return refused;
  return putPlace(table, { ...row, joinedAt: Math.max(joinedAt, row.joinedAt as number), ...(present && { present }) });
}

export interface Membership {
  /** Past it nothing is accepted and nothing delivered; milliseconds since 1970. */
  tokenExpiresAt: number;
  /** By the room's policy, when it joined. */
  readOnly?: true;
  /** Others know of the connection. */
  present?: true;
}

/**
 * Reads a connection's place in a room, by the room's row: that is the one by which it gets the room's events. So a join
 * that died between its two rows has not happened.
 *
 * @returns undefined for a connection that isn't in the room, or is barred from it
 */
export async function membershipOf(
  table: Resource<"GetItem">,
  connectionId: string,
  room: string,
): Promise<Membership | undefined> {
  const [, Key] = membershipKeys(connectionId, room);
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  const membership = Item as Membership | undefined;
  return membership?.tokenExpiresAt === BARRED[":barred"] ? undefined : membership;
}

/** Of these rooms, those that a connection is in. */
export async function roomsAmong(table: Resource<"GetItem">, connectionId: string, rooms: string[]): Promise<string[]> {
  const memberships = await Promise.all(rooms.map((room) => membershipOf(table, connectionId, room)));
  return rooms.filter((_, i) => memberships[i] !== undefined);
}

/** Sort keys of members are between these; a room has rows of other kinds, too. */
const [FIRST_MEMBER, LAST_MEMBER] = ["CONN#", "CONN$"];

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
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
    FilterExpression: "expiresAt > :seconds AND tokenExpiresAt > :now",
    ExpressionAttributeValues: {
      ":pk": roomKey(room),
      ":seconds": Math.floor(Date.now() / 1000),
      ":now": Date.now(),
      ":first": FIRST_MEMBER,
      ":last": range?.through ?? LAST_MEMBER,
    },
    ExclusiveStartKey: range && { pk: roomKey(room), sk: range.after },
    Limit: PAGE,
  });
  for await (const { rows, last } of pages) {
    const members = rows.map(memberIn);
    yield last === undefined ? { members } : { members, last: last.sk as string };
  }
}

/** The members of these pages, one by one; a page is read when the one before is used up. */
export async function* eachMember(pages: AsyncIterable<MemberPage>): AsyncGenerator<Member> {
  for await (const { members } of pages) yield* members;
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
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
    ExpressionAttributeValues: { ":pk": roomKey(room), ":first": FIRST_MEMBER, ":last": LAST_MEMBER },
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
