/**
 * The work of a lease's holder, which posts in rounds: each contains everything that was appended during the previous
 * one. A round takes as long as its posts, so rounds grow with the load. In a large room, whose holder doesn't wait for
 * the posts of other invocations, there is a minimum time between the starts of rounds instead.
 */
import type { AuthoredEntry, Entry } from "../../protocol/entries";
import { finishDeletions, withoutDeleted } from "../log/erasure";
import { headOf } from "../log/heads";
import { HOLE_GRACE_MS, rowsOf } from "../log/read";
import type { Retention } from "../log/retention";
import { entryOf, voidPosition } from "../log/rows";
import type { Resource } from "../resource";
import { countsOf, emptyTally, type Tally } from "./deliver";
import { type PostingDeps, postToEveryMember } from "./everyMember";
import type { HandedOver } from "./handOver";
import { invokeAsync } from "./invokeAsync";
import { Lease } from "./lease";

/**
 * Minimum and maximum pause before a hole, a claimed position without an entry, is checked again; the pause doubles
 * each time. Most holes were claimed a few milliseconds ago, and readers wait for their entries; the others become void
 * after a grace period.
 */
const [MIN_HOLE_PAUSE_MS, MAX_HOLE_PAUSE_MS] = [5, 80];

/**
 * Minimum time between the starts of rounds in which other invocations help: this constant, times the number of
 * members, times the square root of the number of entries, up to a maximum. The number of entries is the geometric mean
 * of this round's and the previous round's. As a result, a message in a quiet room is posted immediately, a single
 * burst delays the next message only a little, and a room that stays busy combines entries. A room of up to 5,000
 * members gets at most 5,000 posts a second, half of the requests that an AWS account may send by default.
 */
const LARGE_ROUND_MS_PER_MEMBER = 0.2;
const MAX_LARGE_ROUND_MS = 1_000;

/** The holder gives up after this many failed reads in a row; its lease then expires. */
const MAX_FAILURES = 3;

export interface RoundsDeps extends PostingDeps {
  messages: Resource<"GetItem" | "Query" | "PutItem" | "UpdateItem">;
  retention: Retention;
}

export interface RoundsTally extends Tally {
  rounds: number;
  ranges: number;
  entries: number;
  /** Maximum time from an entry's `sentAt` until its round begins to post, in milliseconds. */
  lateMs: number;
}

/** The fields of the rounds for a log line. */
export function roundCountsOf(tally: RoundsTally) {
  const { rounds, ranges, entries, lateMs } = tally;
  return { ...countsOf(tally), roundsCount: rounds, rangesCount: ranges, entriesCount: entries, lateMs };
}

/**
 * Posts the entries after the lease's `fanned`, until nothing is left and the lease is released, or until it is lost or
 * handed over.
 *
 * @param head the room's last known position
 * @param until when to hand over, in milliseconds since 1970
 * @param own the entry that this invocation has just appended, if any; it doesn't have to be read from the log
 */
export async function runRounds(
  deps: RoundsDeps,
  lease: Lease,
  head: number,
  until: number,
  own?: AuthoredEntry,
): Promise<RoundsTally> {
  const tally: RoundsTally = { ...emptyTally(), rounds: 0, ranges: 0, entries: 0, lateMs: 0 };
  const round = new Round(deps, lease, tally, own);
  let [last, failures, holePauseMs, entriesBefore] = [head, 0, MIN_HOLE_PAUSE_MS, 1];
  for (;;) {
    const started = Date.now();
    try {
      const { entries, isLarge } = await round.run(last);
      if (lease.isLost) return tally;
      if (Date.now() >= until && (await handOver(deps, lease, last))) return tally;
      if (isLarge) {
        const apartMs = lease.memberCount * LARGE_ROUND_MS_PER_MEMBER * (entries * entriesBefore) ** 0.25;
        entriesBefore = entries;
        await pause(Math.max(0, started + Math.min(MAX_LARGE_ROUND_MS, apartMs) - Date.now()));
      }
      if (lease.fanned < last) {
        await pause(holePauseMs);
        holePauseMs = Math.min(2 * holePauseMs, MAX_HOLE_PAUSE_MS);
        last = Math.max(last, (await headOf(deps.messages, lease.room)).head);
      } else {
        holePauseMs = MIN_HOLE_PAUSE_MS;
        const more = await lease.release();
        if (more === undefined) return tally;
        last = more;
      }
      failures = 0;
    } catch {
      failures += 1;
      tally.failed += 1;
      if (failures < MAX_FAILURES) continue;
      lease.keepNoLonger();
      return tally;
    }
  }
}

async function handOver({ fanOut }: RoundsDeps, lease: Lease, head: number): Promise<boolean> {
  const { room, owner, fanned } = lease;
  const event = { room, owner, fanned, head } satisfies HandedOver;
  const isHandedOver = await invokeAsync(fanOut, event).then(
    () => true,
    () => false,
  );
  if (isHandedOver) lease.keepNoLonger();
  return isHandedOver;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

class Round {
  readonly #deps: RoundsDeps;
  readonly #lease: Lease;
  readonly #tally: RoundsTally;
  readonly #own: AuthoredEntry | undefined;
  /** Posted positions that are above a hole. */
  readonly #above = new Set<number>();
  /** When each hole was first seen, by position. */
  readonly #holes = new Map<number, number>();

  constructor(deps: RoundsDeps, lease: Lease, tally: RoundsTally, own: AuthoredEntry | undefined) {
    this.#deps = deps;
    this.#lease = lease;
    this.#tally = tally;
    this.#own = own;
  }

  /**
   * Posts the stored entries up to a position.
   *
   * @returns the number of entries posted, and whether other invocations post to some of the members
   */
  async run(last: number): Promise<{ entries: number; isLarge: boolean }> {
    const entries = await this.#settledEntries(last);
    const fresh = entries.filter(({ seq }) => !this.#above.has(seq));
    const isLarge = fresh.length > 0 && (await this.#post(fresh));
    for (const { seq } of fresh) this.#above.add(seq);
    // `fanned` never passes a hole, because the writer of that position relies on this holder.
    while (this.#above.delete(this.#lease.fanned + 1)) this.#lease.fanned += 1;
    return { entries: fresh.length, isLarge };
  }

  /** Reads the entries after `fanned`; holes that have existed for long enough become void. */
  async #settledEntries(last: number): Promise<Entry[]> {
    const { messages, retention } = this.#deps;
    const { room, fanned } = this.#lease;
    if (this.#own?.seq === last && fanned === last - 1) return [this.#own];
    const rows = await rowsOf(messages, room, fanned + 1, last);
    const found = [];
    for (let seq = fanned + 1; seq <= last; seq++) {
      const row = rows.get(seq) ?? (this.#isOld(seq) ? await voidPosition(messages, room, seq, retention) : undefined);
      if (row !== undefined) found.push(row);
    }
    // The deleting function may not have finished, and a deletion must not be shown while its message can be read.
    await finishDeletions(messages, room, found, retention);
    return withoutDeleted(found.map(entryOf));
  }

  #isOld(hole: number): boolean {
    const seenAt = this.#holes.get(hole) ?? Date.now();
    this.#holes.set(hole, seenAt);
    return Date.now() - seenAt >= HOLE_GRACE_MS;
  }

  async #post(entries: Entry[]): Promise<boolean> {
    const times = entries.flatMap((entry) => (entry.kind === "void" ? [] : [entry.sentAt]));
    const lateMs = times.length === 0 ? 0 : Date.now() - Math.min(...times);
    const posted = await postToEveryMember(this.#deps, this.#lease.room, entries);
    const tally = this.#tally;
    for (const outcome of ["posted", "gone", "timedOut", "throttled", "failed"] as const) {
      tally[outcome] += posted[outcome];
    }
    tally.rounds += 1;
    tally.ranges += posted.ranges;
    tally.entries += entries.length;
    tally.lateMs = Math.max(tally.lateMs, lateMs);
    this.#lease.memberCount = posted.members;
    return posted.ranges > 0;
  }
}

/** Continues rounds that another invocation handed over. @returns undefined if the lease is lost */
export async function takeOverRounds(
  deps: RoundsDeps,
  handedOver: HandedOver,
  until: number,
): Promise<RoundsTally | undefined> {
  const lease = await Lease.takeOver(deps.messages, handedOver);
  return lease && runRounds(deps, lease, handedOver.head, until);
}
