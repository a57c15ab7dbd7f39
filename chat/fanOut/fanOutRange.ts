/** The part of a fan-out that another invocation does; by itself, so that it needs no client to invoke others. */
import type { EventFrame } from "../../protocol/responses";
import { encodeFrame } from "../connections/connectionsApi";
import { eachMember, type MemberRange, membersOf } from "../rooms/members";
import { type DeliveryDeps, deliver, type Tally } from "./deliver";

/** What the function that posts to a range is invoked with. */
export interface RangeEvent {
  range: MemberRange;
  event: EventFrame;
}

/** Posts an event to a range of its room's members, read anew. @throws what DynamoDB throws: the invocation is retried */
export async function fanOutRange(deps: DeliveryDeps, { range, event }: RangeEvent): Promise<Tally> {
  const data = encodeFrame(event);
  return deliver(deps, eachMember(membersOf(deps.connections, event.room, range)), data);
}
