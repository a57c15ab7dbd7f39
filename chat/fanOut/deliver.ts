/** Posts to members, many at a time. */
import { type EncodedFrame, type PostOutcome, post } from "../connections/connectionsApi";
import { recheckSoon } from "../connections/due";
import { YOUNG_MS } from "../connections/young";
import { setBounded } from "../limits/boundedCache";
import type { Resource } from "../resource";
import type { Member } from "../rooms/members";

/**
 * Maximum number of posts in flight. The next one starts as soon as one has ended, so a slow client delays no others.
 */
const WINDOW = 100;

/** Time for which nothing is posted to a connection that was gone: usually `$disconnect` is on its way. */
const GONE_MS = 5_000;

/** Dependencies for posting to members and reporting those whose connection is gone. */
export interface DeliveryDeps {
  connections: Resource<"Query" | "BatchWriteItem">;
  posts: Resource<"POST">;
}

/** Number of posts by outcome. */
export type Tally = Record<PostOutcome, number>;

export const emptyTally = (): Tally => ({ posted: 0, gone: 0, timedOut: 0, throttled: 0, failed: 0 });

/** By connection id, when a post was answered with 410. */
const goneAt = new Map<string, number>();

/** The same for connections that may not be open yet. Posts to them go on, but one check of each suffices. */
const youngGoneAt = new Map<string, number>();

/**
 * Posts frames, in order, to each of these members of a room. The members may be read page by page. A failed post is
 * counted and delays no other member. A connection that is gone stays in the room until `$disconnect` or the next sweep
 * removes it and announces its departure.
 *
 * @throws any error from reading the members, once the posts in flight have ended
 */
export async function deliver(
  { connections, posts }: DeliveryDeps,
  room: string,
  members: Iterable<Member> | AsyncIterable<Member>,
  frames: EncodedFrame[],
): Promise<Tally> {
  const tally = emptyTally();
  const postTo = async ({ id, connectedAt, tokenExpiresAt }: Member) => {
    const now = Date.now();
    // The token may have expired since the page was read.
    if (tokenExpiresAt <= now) return;
    if (now - (goneAt.get(id) ?? 0) < GONE_MS) {
      tally.gone += 1;
      return;
    }
    let outcome: PostOutcome = "posted";
    for (const frame of frames) {
      outcome = await post(posts, id, frame);
      tally[outcome] += 1;
      // The reader has to fetch the lost frame's entries anyway, and with them those of later frames.
      if (outcome !== "posted") break;
    }
    if (outcome !== "gone") return;
    const isYoung = now - connectedAt < YOUNG_MS;
    if (isYoung && youngGoneAt.has(id)) return;
    setBounded(isYoung ? youngGoneAt : goneAt, id, now);
    // If this write fails, a later post finds the connection gone again.
    await recheckSoon(connections, { id, connectedAt }, room).catch(() => {});
  };
  const queue = oneByOne(members);
  const worker = async () => {
    for await (const member of queue) await postTo(member);
  };
  const workers = await Promise.allSettled(Array.from({ length: WINDOW }, worker));
  for (const { status, ...result } of workers)
    if (status === "rejected") throw (result as PromiseRejectedResult).reason;
  return tally;
}

/**
 * One iterator for all workers: each member goes to one worker, and the next page is read when the previous one is used
 * up.
 */
async function* oneByOne(members: Iterable<Member> | AsyncIterable<Member>): AsyncGenerator<Member> {
  yield* members;
}

/** The fields of a tally for a log line. */
export function countsOf({ posted, gone, timedOut, throttled, failed }: Tally) {
  return {
    postedCount: posted,
    goneCount: gone,
    timedOutCount: timedOut,
    throttledCount: throttled,
    failedCount: failed,
  };
}
