/**
 * The roles that people have in rooms: `ROLES#<room>` / `USER#<user>` {role}. The same partition stores a private
 * room's first member: `ROLES#<room>` / `#` {userId}.
 */
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { Refusal } from "../refusal";
import type { Resource } from "../resource";
import { batchGet } from "../tables/batchGet";
import { dynamodb } from "../tables/client";
import { putIfAbsent } from "../tables/conditionalWrite";
import { isPrivate, type Role, rightsOf } from "./roomPolicy";

const keyOf = (room: string, userId: string) => ({ pk: `ROLES#${room}`, sk: `USER#${userId}` });

export async function roleIn(table: Resource<"GetItem">, room: string, userId: string): Promise<Role | undefined> {
  const Key = keyOf(room, userId);
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  return Item?.role as Role | undefined;
}

/** Reads a person's roles by room. Rooms without a role are omitted. @param rooms at most 100 */
export async function rolesIn(
  table: Resource<"BatchGetItem">,
  rooms: string[],
  userId: string,
): Promise<Map<string, Role>> {
  const rows = await batchGet(
    table,
    rooms.map((room) => keyOf(room, userId)),
  );
  return new Map(rows.map(({ pk, role }) => [(pk as string).slice("ROLES#".length), role as Role]));
}

export async function setRole(table: Resource<"PutItem">, room: string, userId: string, role: Role): Promise<void> {
  await dynamodb.send(new PutCommand({ TableName: table, Item: { ...keyOf(room, userId), userId, role } }));
}

/** Makes a private room's first member its moderator. */
export async function claimRoom(table: Resource<"GetItem" | "PutItem">, room: string, userId: string): Promise<void> {
  if (!isPrivate(room) || (await roleIn(table, room, userId)) !== undefined) return;
  const first = await putIfAbsent(table, { pk: keyOf(room, userId).pk, sk: "#", userId });
  // If an earlier claim by this person was interrupted between the two rows, this completes it.
  if (first === undefined || first.userId === userId) await setRole(table, room, userId, "moderator");
}

/**
 * Refuses to change the role of a private room's first member. Otherwise moderators, whom that person invited, could
 * demote them.
 *
 * @throws Refusal FORBIDDEN for that person
 */
export async function refuseFounder(table: Resource<"GetItem">, room: string, userId: string): Promise<void> {
  if (!isPrivate(room)) return;
  const Key = { pk: keyOf(room, userId).pk, sk: "#" };
  const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  if (Item?.userId === userId) throw new Refusal("FORBIDDEN", "this room's founder stays its moderator");
}

/** @throws Refusal FORBIDDEN if the user doesn't moderate the room */
export async function asModerator(table: Resource<"GetItem">, room: string, userId: string): Promise<void> {
  if (rightsOf(room, await roleIn(table, room, userId)).moderate) return;
  throw new Refusal("FORBIDDEN", "only a moderator of this room may do that");
}
