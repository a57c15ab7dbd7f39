/** Keeps somebody out of a room. */

import { barringWrites, connectionsOf } from "../connections/connections";
import { close } from "../connections/connectionsApi";
import { announceGone } from "../fanOut/ephemeral";
import type { Resource } from "../resource";
import { batchWrite } from "../tables/batchWrite";
import { membersOf } from "./members";
import { setRole } from "./roles";

export interface BanDeps {
  connections: Resource<"PutItem" | "Query" | "BatchWriteItem">;
  posts: Resource<"POST" | "DELETE">;
}

/**
 * Bans somebody from a room and closes their connections, whatever other rooms these are in: they come back to those.
 * When it returns, no post of the room to them is begun any more, but for the page of members that a fan-out has in hand.
 */
export async function ban({ connections, posts }: BanDeps, room: string, userId: string): Promise<void> {
  await setRole(connections, room, userId, "banned");
  const theirs = await connectionsOf(connections, userId);
  // One that was taken for gone may still be in the room.
  for await (const { members } of membersOf(connections, room)) {
    theirs.push(...members.filter(({ user }) => user.id === userId));
  }
  const ids = [...new Set(theirs.map(({ id }) => id))];
  await batchWrite(connections, barringWrites(ids, room));
  // What cannot be closed now is barred all the same.
  await Promise.all(ids.map((id) => close(posts, id).catch(() => {})));
  const [connection] = theirs;
  if (connection !== undefined) await announceGone({ connections, posts }, new Map([[room, [connection.user]]]));
}
