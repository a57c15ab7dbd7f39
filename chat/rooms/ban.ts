/** Bans people from rooms. */

import type { User } from "../../protocol/entries";
import { barringWrites, connectionsOf } from "../connections/connections";
import { close } from "../connections/connectionsApi";
import { heldKey } from "../presence/held";
import { peopleIn } from "../presence/people";
import type { Resource } from "../resource";
import { batchWrite } from "../tables/batchWrite";
import { setRole } from "./roles";

export interface BanDeps {
  connections: Resource<"PutItem" | "Query" | "BatchWriteItem">;
  posts: Resource<"POST" | "DELETE">;
}

/**
 * Bans somebody from a room and closes their connections, including those that are in other rooms; clients reconnect to
 * those. When it returns, no new posts of the room's events to these connections start, except for the page of members
 * that a fan-out is posting to. The size of the room doesn't matter, because this reads the person's connections, not
 * the room's. Every open connection is among them, because its rows are removed only after it has ended.
 *
 * @returns the person, if others in a small room have to be told
 */
export async function ban({ connections, posts }: BanDeps, room: string, userId: string): Promise<User | undefined> {
  await setRole(connections, room, userId, "banned");
  const ids = (await connectionsOf(connections, userId)).map(({ id }) => id);
  // A failure to read presence doesn't fail the ban.
  const { present, held } = await peopleIn(connections, room).catch(() => ({ present: undefined, held: undefined }));
  await batchWrite(connections, [...barringWrites(ids, room), { DeleteRequest: { Key: heldKey(room, userId) } }]);
  // A connection that can't be closed now is still barred.
  await Promise.all(ids.map((id) => close(posts, id).catch(() => {})));
  return present?.get(userId) ?? held?.get(userId)?.user;
}
