/** Connections as members of rooms. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { BARRED, type Connection, connectionIn, membershipKeys, roomKey } from "../connections/connections";
import type { Resource } from "../resource";
import { dynamodb } from "../tables/client";
import type { Row } from "../tables/conditionalWrite";
import { queryPages } from "../tables/queryPages";

/**
 * Members per page. A fan-out posts to each member of a page that it has read, even if some have left or been banned
 * since.
 */
const PAGE = 100;

/** A connection as a member of a room. */
export interface Member extends Connection {
  /** When the connection joined the room, in milliseconds since 1970. */
  joinedAt?: number;
}

export function memberIn(row: Row): Member {
  return { ...connectionIn(row), ...(row.joinedAt === undefined ? {} : { joinedAt: row.joinedAt as number }) };
}

export interface Membership {
  /** Time after which no request is accepted and nothing is delivered, in milliseconds since 1970. */
  tokenExpiresAt: number;
  /** Set if the room's policy didn't permit the connection to write when it joined. */
  readOnly?: true;
  /** Whether others know about the connection. */
  present?: true;
}

/**
 * Reads a connection's membership of a room from the room's row, because that row makes the connection receive the
 * room's events. If a join crashed between writing the connection's row and the room's, the connection therefore isn't
 * in the room.
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

/** Filters rooms to those that a connection is in. */
export async function roomsAmong(table: Resource<"GetItem">, connectionId: string, rooms: string[]): Promise<string[]> {
  const memberships = await Promise.all(rooms.map((room) => membershipOf(table, connectionId, room)));
  return rooms.filter((_, i) => memberships[i] !== undefined);
}

/** A range of a room's members by key, excluding the first key and including the last. */
export interface MemberRange {
  after: string;
  through: string;
}

/** The range of all members. A room also has rows of other kinds. */
export const EVERY_MEMBER: MemberRange = { after: "CONN#", through: "CONN$" };

export interface MemberPage {
  members: Member[];
  /** The key of the page's last row; undefined on the last page. */
  last?: string;
}

/**
 * The members of a room that may be posted to, page by page, read on demand. Omits rows past their TTL, which DynamoDB
 * deletes days later, and members whose token has expired.
 */
export async function* membersOf(
  table: Resource<"Query">,
  room: string,
  range = EVERY_MEMBER,
): AsyncGenerator<MemberPage> {
  const pages = queryPages(table, {
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
    FilterExpression: "expiresAt > :seconds AND tokenExpiresAt > :now",
    ExpressionAttributeValues: {
      ":pk": roomKey(room),
      ":seconds": Math.floor(Date.now() / 1000),
      ":now": Date.now(),
      ":first": EVERY_MEMBER.after,
      ":last": range.through,
    },
    ExclusiveStartKey: { pk: roomKey(room), sk: range.after },
    Limit: PAGE,
  });
  for await (const { rows, last } of pages) {
    const members = rows.map(memberIn);
    yield last === undefined ? { members } : { members, last: last.sk as string };
  }
}

/** The members of these pages, one by one. The next page is read when the previous one is used up. */
export async function* eachMember(pages: AsyncIterable<MemberPage>): AsyncGenerator<Member> {
  for await (const { members } of pages) yield* members;
}

/** Divides the members after a key into ranges of this size; the last one may be smaller. */
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
    ExpressionAttributeValues: { ":pk": roomKey(room), ":first": EVERY_MEMBER.after, ":last": EVERY_MEMBER.through },
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
