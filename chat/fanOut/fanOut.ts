/** Brings an event to every member of its room: the one entrance to whatever way that takes. */
import type { EventFrame } from "../../protocol/responses";
import { encodeFrame } from "../connections/connectionsApi";
import type { Resource } from "../resource";
import { eachMember, type MemberPage, membersOf, rangesOf } from "../rooms/members";
import { type DeliveryDeps, deliver, type Tally } from "./deliver";
import type { RangeEvent } from "./fanOutRange";
import { invokeAsync } from "./invokeAsync";

/** Members that the sender's own function posts to; the rest of a larger room goes to others. */
const OWN_MEMBERS = 400;

/** Members of one further invocation. */
const RANGE_MEMBERS = 400;

export interface FanOutDeps extends DeliveryDeps {
  /** The function that posts to a range. */
  fanOut: Resource<"InvokeFunction">;
}

export interface FanOutTally extends Tally {
  /** Ranges that were handed over. */
  ranges: number;
}

/**
 * Posts an event to all members of its room, and hands ranges of a large one over to other invocations. It never fails
 * a send: a post that fails, or a range that cannot be handed over, is counted, and its readers find the entry in the
 * log.
 */
export async function fanOut(deps: FanOutDeps, event: EventFrame): Promise<FanOutTally> {
  let [ranges, failed, seen] = [0, 0, 0];
  let rest: string | undefined;
  async function* ownPages(): AsyncGenerator<MemberPage> {
    try {
      for await (const page of membersOf(deps.connections, event.room)) {
        seen += page.members.length;
        if (seen >= OWN_MEMBERS) rest = page.last;
        yield page;
        if (seen >= OWN_MEMBERS) return;
      }
    } catch {
      failed += 1;
    }
  }
  const tally = await deliver(deps, event.room, eachMember(ownPages()), encodeFrame(event));
  if (rest !== undefined) {
    const positions = event.entries.map(({ seq }) => seq);
    const handedOver = { room: event.room, from: Math.min(...positions), through: Math.max(...positions) };
    try {
      for await (const range of rangesOf(deps.connections, event.room, rest, RANGE_MEMBERS)) {
        const isHandedOver = await invokeAsync(deps.fanOut, { ...handedOver, range } satisfies RangeEvent).then(
          () => true,
          () => false,
        );
        if (isHandedOver) ranges += 1;
        else failed += 1;
      }
    } catch {
      failed += 1;
    }
  }
  return { ...tally, failed: tally.failed + failed, ranges };
}
