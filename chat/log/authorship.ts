/** Checks that a message exists, and that the caller may edit or delete it. */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { User } from "../../protocol/entries";
import { Refusal } from "../refusal";
import type { Resource } from "../resource";
import { asModerator } from "../rooms/roles";
import { dynamodb } from "../tables/client";
import type { Row } from "../tables/conditionalWrite";
import { entryKey } from "./rows";

/**
 * Maximum number of edits per message. It is limited because their positions are stored in the message's row, and
 * because a deletion is acknowledged only after each edit has been erased.
 */
const MAX_EDITS = 1_000;

/** Refusal for a position without a message, or with a deleted one. */
export function noMessage(seq: number): Refusal {
  return new Refusal("NOT_FOUND", `there is no message ${seq} in this room`);
}

/** @throws Refusal NOT_FOUND if there is no message, or a deleted one */
export async function asMessage(table: Resource<"GetItem">, room: string, seq: number): Promise<void> {
  await messageRow(table, room, seq);
}

/**
 * Admits only a message's author.
 *
 * @throws Refusal NOT_FOUND, FORBIDDEN for other people, LIMIT_EXCEEDED after 1,000 edits
 */
export async function asEditable(table: Resource<"GetItem">, room: string, seq: number, { id }: User): Promise<void> {
  const { user, edits } = await messageRow(table, room, seq);
  if (user.id !== id) throw new Refusal("FORBIDDEN", `the message ${seq} is another person's`);
  if (edits !== undefined && edits.size >= MAX_EDITS)
    throw new Refusal("LIMIT_EXCEEDED", `the message ${seq} was edited ${MAX_EDITS} times: send another one instead`);
}

/** Admits only a message's author and the room's moderators. @throws Refusal NOT_FOUND, FORBIDDEN for other people */
export async function asDeletable(
  table: Resource<"GetItem">,
  roles: Resource<"GetItem">,
  room: string,
  seq: number,
  { id }: User,
): Promise<void> {
  const { user } = await messageRow(table, room, seq);
  if (user.id !== id) await asModerator(roles, room, id);
}

async function messageRow(table: Resource<"GetItem">, room: string, seq: number) {
  const { Item } = await dynamodb.send(
    new GetCommand({ TableName: table, Key: entryKey(room, seq), ConsistentRead: true }),
  );
  if (Item?.kind !== "message" || Item.erased === true) throw noMessage(seq);
  return Item as Row & { user: User; edits?: Set<number> };
}
