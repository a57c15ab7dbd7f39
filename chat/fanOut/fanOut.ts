/**
 * Brings an entry to every member of its room: the one entrance to whatever way that takes.
 *
 * In a quiet room whoever appends posts its own entry, at once and at no further cost. In a busy one an invocation takes a
 * lease and posts what all others append meanwhile, in rounds. docs/protocol.md ("Fan-out") has the algorithm.
 */
import type { AuthoredEntry } from "../../protocol/entries";
import { setBounded } from "../limits/boundedCache";
import type { Turn } from "../log/append";
import { postToEveryMember } from "./everyMember";
import { Lease, leaseIn } from "./lease";
import { type RoundsDeps, type RoundsTally, runRounds } from "./rounds";

/** A room is busy when a position was given out less than this before. */
const BUSY_MS = 1_000;

/** Smaller rooms do without: a lease costs as much as 1.25 posts, and saves posts only where there are members for them. */
const MIN_LEASED_MEMBERS = 4;

/** A sender posts for others for so long, then hands over. */
const SENDER_MS = 5_000;

/** `held`: whoever holds the lease posts it. */
export type FanOutTally = RoundsTally & { way: "direct" | "held" | "rounds" };

/** Members of rooms as this environment last read them, for rooms that no lease was ever taken for. */
const memberCounts = new Map<string, number>();

/**
 * It never fails a send: what can't be posted is counted, and its readers find the entry in the log.
 *
 * @param turn of the entry, if its append has one: see {@link Turn}
 */
export async function fanOut(
  deps: RoundsDeps,
  room: string,
  entry: AuthoredEntry,
  turn: Turn | undefined,
): Promise<FanOutTally> {
  if (turn === undefined) return direct(deps, room, entry);
  const seen = leaseIn(turn.before);
  const now = Date.now();
  // Its release needs the head that it has posted up to, so it meets this entry.
  if (seen.owner !== undefined && seen.until >= now) return { ...nothing(entry), way: "held" };
  const isBusy = seen.headAt > entry.sentAt - BUSY_MS;
  const members = Math.max(seen.memberCount, memberCounts.get(room) ?? 0);
  if (seen.owner === undefined && (!isBusy || members < MIN_LEASED_MEMBERS)) return direct(deps, room, entry);
  const lease = await Lease.take(deps.messages, room, entry.seq, seen).catch(() => undefined);
  if (lease === undefined) return direct(deps, room, entry);
  if (lease === "held") return { ...nothing(entry), way: "held" };
  return { ...(await runRounds(deps, lease, entry.seq, now + SENDER_MS)), way: "rounds" };
}

async function direct(deps: RoundsDeps, room: string, entry: AuthoredEntry): Promise<FanOutTally> {
  const { members, ...tally } = await postToEveryMember(deps, room, [entry]);
  setBounded(memberCounts, room, members);
  return { ...nothing(entry), ...tally, rounds: 1, entries: 1, way: "direct" };
}

function nothing(entry: AuthoredEntry): RoundsTally {
  const lateMs = Math.max(0, Date.now() - entry.sentAt);
  return { posted: 0, gone: 0, timedOut: 0, throttled: 0, failed: 0, rounds: 0, ranges: 0, entries: 0, lateMs };
}
