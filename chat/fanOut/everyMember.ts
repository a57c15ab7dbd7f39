/** Posts entries to all members of a room, with the help of other invocations in large rooms. */
import type { Entry } from "../../protocol/entries";
import type { Resource } from "../resource";
import { eachMember, type MemberPage, type MemberRange, membersOf, rangesOf } from "../rooms/members";
import { type DeliveryDeps, deliver, type Tally } from "./deliver";
import { divisionOf, rememberDivision } from "./division";
import type { RangeEvent } from "./fanOutRange";
import { framesOf } from "./frames";
import { invokeAsync } from "./invokeAsync";

/**
 * Maximum number of members that this invocation posts to when it divides a larger room; other invocations post to the
 * rest.
 */
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
  /** Number of the room's members; an estimate if ranges were handed over. */
  members: number;
}

/**
 * Reads the members of a room and posts entries to them; in a large room, it hands ranges of members over to other
 * invocations. It never fails: if a post fails, or a range can't be handed over, this is counted, and the affected
 * readers find the entries in the log.
 */
export async function postToEveryMember(deps: PostingDeps, room: string, entries: Entry[]): Promise<PostingTally> {
  const known = divisionOf(room);
  let [failed, seen] = [0, 0];
  // The other invocations post at the same time as this one.
  let handedOver = known && handOverRanges(deps, room, entries, known.others);
  async function* ownPages(): AsyncGenerator<MemberPage> {
    try {
      for await (const page of membersOf(deps.connections, room, known?.own)) {
        seen += page.members.length;
        const isFull = known === undefined && seen >= OWN_MEMBERS;
        if (isFull && page.last !== undefined) {
          handedOver = handOverRanges(deps, room, entries, divided(deps.connections, room, page.last));
        }
        yield page;
        if (isFull) return;
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

/** Divides the members after a key, and remembers the division. */
async function* divided(connections: Resource<"Query">, room: string, after: string): AsyncGenerator<MemberRange> {
  const ranges: MemberRange[] = [];
  for await (const range of rangesOf(connections, room, after, RANGE_MEMBERS)) {
    ranges.push(range);
    yield range;
  }
  rememberDivision(room, after, ranges);
}

/** Hands ranges of members over to other invocations. It never rejects. */
async function handOverRanges(
  { fanOut }: PostingDeps,
  room: string,
  entries: Entry[],
  ranges: Iterable<MemberRange> | AsyncIterable<MemberRange>,
): Promise<{ ranges: number; failed: number }> {
  const positions = entries.map(({ seq }) => seq);
  const event = { room, from: Math.min(...positions), through: Math.max(...positions) };
  const invoked: Promise<boolean>[] = [];
  let failed = 0;
  try {
    for await (const range of ranges) {
      const invocation = invokeAsync(fanOut, { ...event, range } satisfies RangeEvent);
      invoked.push(
        invocation.then(
          () => true,
          () => false,
        ),
      );
    }
  } catch {
    failed += 1;
  }
  const handedOver = (await Promise.all(invoked)).filter((isHandedOver) => isHandedOver).length;
  return { ranges: handedOver, failed: failed + invoked.length - handedOver };
}
