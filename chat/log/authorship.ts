/** What an edit, a deletion or a reaction is about. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { MessageEntry, User } from "../../protocol/entries";
import { Refusal } from "../refusal";
import type { Resource } from "../resource";
import { asModerator } from "../rooms/roles";
import { dynamodb } from "../tables/client";
import { entryKey, entryOf } from "./rows";

/** The message at a position. @throws Refusal NOT_FOUND where there is none */
export async function messageAt(table: Resource<"GetItem">, room: string, seq: number): Promise<MessageEntry> {
  const { Item } = await dynamodb.send(
    new GetCommand({ TableName: table, Key: entryKey(room, seq), ConsistentRead: true }),
  );
  const entry = Item === undefined ? undefined : entryOf(Item);
  if (entry?.kind !== "message") throw new Refusal("NOT_FOUND", `there is no message ${seq} in this room`);
  return entry;
}

/** The same, for its author only. @throws Refusal FORBIDDEN for others */
export async function ownMessage(table: Resource<"GetItem">, room: string, seq: number, { id }: User): Promise<void> {
  const { user } = await messageAt(table, room, seq);
  if (user.id !== id) throw new Refusal("FORBIDDEN", `the message ${seq} is another person's`);
}

/** For its author and for who moderates the room. @throws Refusal FORBIDDEN for others */
export async function deletableMessage(
  table: Resource<"GetItem">,
  roles: Resource<"GetItem">,
  room: string,
  seq: number,
  { id }: User,
): Promise<void> {
  const { user } = await messageAt(table, room, seq);
  if (user.id !== id) await asModerator(roles, room, id);
}
