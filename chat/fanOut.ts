/** Brings a frame to every member of a room. */
import pMap from "p-map";
import type { EventFrame } from "../protocol/responses";
import { membersOf, removeConnection } from "./connections";
import { encodeFrame, post } from "./posts";
import type { Resource } from "./resource";

/** Posts under way at once; the SDK keeps 50 sockets. */
const CONCURRENCY = 50;

/** A connection this young may answer 410 because its `$connect` has not returned yet. */
const YOUNG_MS = 30_000;

export interface FanOutTally {
  posted: number;
  gone: number;
  failed: number;
}

/**
 * Posts an event to all members of its room. A failed post is counted and never stops the others; a connection that is
 * gone loses its own rows, unless it is so young that it may only be about to open.
 */
export async function fanOut(
  table: Resource<"Query" | "BatchWriteItem">,
  connections: Resource<"POST">,
  event: EventFrame,
): Promise<FanOutTally> {
  const tally: FanOutTally = { posted: 0, gone: 0, failed: 0 };
  const data = encodeFrame(event);
  for await (const members of membersOf(table, event.room, Date.now())) {
    await pMap(
      members,
      async ({ id, connectedAt }) => {
        try {
          const outcome = await post(connections, id, data);
          tally[outcome] += 1;
          if (outcome === "gone" && Date.now() - connectedAt > YOUNG_MS) await removeConnection(table, id);
        } catch {
          tally.failed += 1;
        }
      },
      { concurrency: CONCURRENCY },
    );
  }
  return tally;
}
