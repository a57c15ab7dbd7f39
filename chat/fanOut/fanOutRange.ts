/** Posts to a range of a large room's members, in a separate invocation that invokes no others. */
import { entriesAt } from "../log/read";
import type { Resource } from "../resource";
import { eachMember, type MemberRange, membersOf } from "../rooms/members";
import { type DeliveryDeps, deliver, emptyTally, type Tally } from "./deliver";
import { framesOf } from "./frames";

/**
 * Event of the function that posts to a range: which entries to post, and to which members. It never carries text: a
 * retry minutes later would post text that has been deleted in the meantime, and the dead-letter queue would keep it.
 */
export interface RangeEvent {
  room: string;
  /** First position of the entries. */
  from: number;
  /** Last position of the entries. */
  through: number;
  range: MemberRange;
}

export interface RangeDeps extends DeliveryDeps {
  messages: Resource<"Query">;
}

/**
 * Posts entries, in their current state in the log, to the current members in a range of their room. Entries that the
 * log no longer contains are omitted.
 *
 * @throws DynamoDB's errors, so that the invocation is retried
 */
export async function fanOutRange(deps: RangeDeps, { room, from, through, range }: RangeEvent): Promise<Tally> {
  const entries = await entriesAt(deps.messages, room, from, through);
  if (entries.length === 0) return emptyTally();
  return deliver(deps, room, eachMember(membersOf(deps.connections, room, range)), framesOf(room, entries));
}
