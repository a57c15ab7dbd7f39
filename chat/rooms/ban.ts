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
 * Bans somebody from a room and closes all of their connections, even those that are only in other rooms; their clients
 * reconnect to the other rooms. Once this has returned, no new post of the room's events to these connections starts,
 * except from fan-outs that have already read the page of members that contains them. The cost doesn't depend on the
 * room's size, because this reads the person's rows, not the room's. It misses no open connection, because a
 * connection's rows are removed only after the connection has ended.
 *
 * @returns the person if the room shows them as present, so that the others have to be told; otherwise undefined
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
