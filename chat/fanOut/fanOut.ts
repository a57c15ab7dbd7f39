/**
 * Pushes an entry to every member of its room: the only entry point of the fan-out.
 *
 * In a quiet room, the appending invocation posts its own entry at once and without further cost. In a busy room, one
 * invocation takes a lease and posts its own entry and, in rounds, those that other invocations append in the meantime.
 * docs/protocol.md ("Fan-out") describes the algorithm.
 */
import type { AuthoredEntry } from "../../protocol/entries";
import { setBounded } from "../limits/boundedCache";
import type { Turn } from "../log/append";
import { postToEveryMember } from "./everyMember";
import { Lease, leaseIn } from "./lease";
import { type RoundsDeps, type RoundsTally, runRounds } from "./rounds";

/** A room is busy if the previous position was claimed less than this long ago. */
const BUSY_MS = 1_000;

/** Smaller rooms use no lease: it costs as much as 1.25 posts, and saves posts only if there are enough members. */
const MIN_LEASED_MEMBERS = 4;

/** How long a sender's function posts other senders' entries before it hands the lease over. */
const SENDER_MS = 5_000;

/** `held`: another invocation, which holds the lease, posts the entry. */
export type FanOutTally = RoundsTally & { way: "direct" | "held" | "rounds" };

/**
 * Number of members by room, as this environment last counted them. The room's row contains this number only once a
 * lease has been released.
 */
const memberCounts = new Map<string, number>();

/**
 * Pushes an entry. It never makes a send fail: a post that fails is counted, and its reader finds the entry in the log.
 *
 * @param turn the entry's turn, if its append has one; see {@link Turn}
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
  // The lease can't be released until its holder has posted everything up to the head, which includes this entry.
  if (seen.owner !== undefined && seen.until >= now) return { ...nothing(entry), way: "held" };
  const isBusy = seen.headAt > entry.sentAt - BUSY_MS;
  const counts = [seen.memberCount, memberCounts.get(room)].filter((count) => count !== undefined);
  // Without a count, this invocation must not assume a small room: another one may know better, and take a lease that
  // includes this entry.
  const isSmall = counts.length > 0 && Math.max(...counts) < MIN_LEASED_MEMBERS;
  if (seen.owner === undefined && (!isBusy || isSmall)) return direct(deps, room, entry);
  const lease = await Lease.take(deps.messages, room, entry.seq, seen).catch(() => undefined);
  if (lease === undefined) return direct(deps, room, entry);
  if (lease === "held") return { ...nothing(entry), way: "held" };
  return { ...(await runRounds(deps, lease, entry.seq, now + SENDER_MS, entry)), way: "rounds" };
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
