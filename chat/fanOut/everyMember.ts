/** Posts entries to all members of a room, with the help of other invocations in large rooms. */
import type { Entry } from "../../protocol/entries";
import type { Resource } from "../resource";
import { eachMember, type MemberPage, membersOf, rangesOf } from "../rooms/members";
import { type DeliveryDeps, deliver, type Tally } from "./deliver";
import type { RangeEvent } from "./fanOutRange";
import { framesOf } from "./frames";
import { invokeAsync } from "./invokeAsync";

/** Maximum number of members that this invocation posts to; other invocations post to the rest of a larger room. */
const OWN_MEMBERS = 400;

/** Number of members per additional invocation. */
const RANGE_MEMBERS = 400;

export interface PostingDeps extends DeliveryDeps {
  /** The function that posts to a range. */
  fanOut: Resource<"InvokeFunction">;
}

export interface PostingTally extends Tally {
  /** Number of ranges handed over. */
  ranges: number;
  /** Number of members read. */
  members: number;
}

/**
 * Reads the members of a room and posts entries to them; in a large room, it hands ranges of members over to other
 * invocations. It never fails: a post that fails, or a range that can't be handed over, is counted, and its readers
 * find the entries in the log.
 */
export async function postToEveryMember(deps: PostingDeps, room: string, entries: Entry[]): Promise<PostingTally> {
  let [failed, seen] = [0, 0];
  let handedOver: ReturnType<typeof handOverRest> | undefined;
  async function* ownPages(): AsyncGenerator<MemberPage> {
    try {
      for await (const page of membersOf(deps.connections, room)) {
        seen += page.members.length;
        // The other invocations post at the same time as this one.
        if (seen >= OWN_MEMBERS && page.last !== undefined) handedOver = handOverRest(deps, room, entries, page.last);
        yield page;
        if (seen >= OWN_MEMBERS) return;
      }
    } catch {
      failed += 1;
    }
  }
  const tally = await deliver(deps, room, eachMember(ownPages()), framesOf(room, entries));
  const rest = await handedOver;
  if (rest === undefined) return { ...tally, failed: tally.failed + failed, ranges: 0, members: seen };
  const { ranges } = rest;
  return { ...tally, failed: tally.failed + failed + rest.failed, ranges, members: seen + ranges * RANGE_MEMBERS };
}

/** Hands the members after a key over to other invocations. It never rejects. */
async function handOverRest(
  { connections, fanOut }: PostingDeps,
  room: string,
  entries: Entry[],
  after: string,
): Promise<{ ranges: number; failed: number }> {
  const positions = entries.map(({ seq }) => seq);
  const event = { room, from: Math.min(...positions), through: Math.max(...positions) };
  let [ranges, failed] = [0, 0];
  try {
    for await (const range of rangesOf(connections, room, after, RANGE_MEMBERS)) {
      const isHandedOver = await invokeAsync(fanOut, { ...event, range } satisfies RangeEvent).then(
        () => true,
        () => false,
      );
      if (isHandedOver) ranges += 1;
      else failed += 1;
    }
  } catch {
    failed += 1;
  }
  return { ranges, failed };
}
