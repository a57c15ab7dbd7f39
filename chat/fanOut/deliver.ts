/** Posts to members, many at a time. */
import { removeConnection } from "../connections/connections";
import { post } from "../connections/connectionsApi";
import type { Resource } from "../resource";
import type { Member } from "../rooms/members";

/**
 * Posts under way at once; the SDK keeps 50 sockets. A batch is begun when the last one has ended: signing a hundred
 * requests in one go and then sending them takes a third less CPU than signing one whenever one has ended
 * (`npm run bench:fanout`).
 */
const BATCH = 100;

/** A connection this young may answer 410 because its `$connect` has not returned yet. */
export const YOUNG_MS = 30_000;

/** What it takes to deps members, and to forget those that are gone. */
export interface DeliveryDeps {
  connections: Resource<"Query" | "BatchWriteItem">;
  posts: Resource<"POST">;
}

export interface Tally {
  posted: number;
  gone: number;
  failed: number;
}

/**
 * Posts a frame to each of these members of a room. A failed post is counted and never stops the others; a connection that is
 * gone loses its own rows, unless it is so young that it may only be about to open.
 */
export async function deliver(
  { connections, posts }: DeliveryDeps,
  room: string,
  members: Member[],
  data: Uint8Array,
): Promise<Tally> {
  const tally: Tally = { posted: 0, gone: 0, failed: 0 };
  const postTo = async ({ id, user, connectedAt, tokenExpiresAt }: Member) => {
    // The page may have been a while on its way.
    if (tokenExpiresAt <= Date.now()) return;
    try {
      const outcome = await post(posts, id, data);
      tally[outcome] += 1;
      if (outcome === "posted" || Date.now() - connectedAt < YOUNG_MS) return;
    } catch {
      tally.failed += 1;
      return;
    }
    // What cannot be removed now is found gone again.
    await removeConnection(connections, { id, user }, [room]).catch(() => {});
  };
  for (let done = 0; done < members.length; done += BATCH) {
    await Promise.all(members.slice(done, done + BATCH).map(postTo));
  }
  return tally;
}

export function sum(a: Tally, b: Tally): Tally {
  return { posted: a.posted + b.posted, gone: a.gone + b.gone, failed: a.failed + b.failed };
}
