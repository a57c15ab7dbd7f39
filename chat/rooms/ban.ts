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
 * Bans somebody from a room and closes their connections, whatever other rooms these are in: they come back to those.
 * When it returns, no post of the room to them is begun any more, except to the page of members that a fan-out has in
 * hand. It takes as long in a room of a hundred thousand as in a small one: it looks at the person's connections, not at
 * the room's. An open connection is always among them, for its rows go only once it has ended.
 *
 * @returns the person, if others in a small room see them go
 */
export async function ban({ connections, posts }: BanDeps, room: string, userId: string): Promise<User | undefined> {
  await setRole(connections, room, userId, "banned");
  const ids = (await connectionsOf(connections, userId)).map(({ id }) => id);
  // A failure of presence doesn't fail the ban.
  const { present, held } = await peopleIn(connections, room).catch(() => ({ present: undefined, held: undefined }));
  await batchWrite(connections, [...barringWrites(ids, room), { DeleteRequest: { Key: heldKey(room, userId) } }]);
  // A connection that can't be closed now is barred all the same.
  await Promise.all(ids.map((id) => close(posts, id).catch(() => {})));
  return present?.get(userId) ?? held?.get(userId)?.user;
}
