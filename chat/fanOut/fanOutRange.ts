/** The part of a fan-out that another invocation does; by itself, so that it needs no client to invoke others. */
import type { EventFrame } from "../../protocol/responses";
import { encodeFrame } from "../connections/connectionsApi";
import { type MemberRange, membersOf } from "../rooms/members";
import { type DeliveryDeps, deliver, sum, type Tally } from "./deliver";

/** What the function that posts to a range is invoked with. */
export interface RangeEvent {
  range: MemberRange;
  event: EventFrame;
}

/** Posts an event to a range of its room's members, read anew. @throws what DynamoDB throws: the invocation is retried */
export async function fanOutRange(deps: DeliveryDeps, { range, event }: RangeEvent): Promise<Tally> {
  const data = encodeFrame(event);
  let tally: Tally = { posted: 0, gone: 0, failed: 0 };
  for await (const { members } of membersOf(deps.connections, event.room, range)) {
    tally = sum(tally, await deliver(deps, event.room, members, data));
  }
  return tally;
}
