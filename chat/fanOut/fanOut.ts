/** Brings an event to every member of its room: the one entrance to whatever way that takes. */
import type { EventFrame } from "../../protocol/responses";
import { encodeFrame } from "../connections/connectionsApi";
import type { Resource } from "../resource";
import { membersOf, rangesOf } from "../rooms/members";
import { type DeliveryDeps, deliver, sum, type Tally } from "./deliver";
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
  const data = encodeFrame(event);
  const positions = event.entries.map(({ seq }) => seq);
  const handedOver = { room: event.room, from: Math.min(...positions), through: Math.max(...positions) };
  const tally: FanOutTally = { posted: 0, gone: 0, failed: 0, ranges: 0 };
  let seen = 0;
  try {
    for await (const { members, last } of membersOf(deps.connections, event.room)) {
      Object.assign(tally, sum(tally, await deliver(deps, event.room, members, data)));
      seen += members.length;
      if (seen < OWN_MEMBERS || last === undefined) continue;
      for await (const range of rangesOf(deps.connections, event.room, last, RANGE_MEMBERS)) {
        try {
          await invokeAsync(deps.fanOut, { ...handedOver, range } satisfies RangeEvent);
          tally.ranges += 1;
        } catch {
          tally.failed += 1;
        }
      }
      break;
    }
  } catch {
    tally.failed += 1;
  }
  return tally;
}
