/** Extrapolates from simulated rooms and sessions to what all rooms and sessions need per second. */
import type { Units } from "../capacity.ts";
import { LOG_BYTES, MEMORY_GB, PRICES } from "./assumptions.ts";
import type { Rooms, Scenario } from "./options.ts";
import type { RoomRun } from "./room.ts";
import type { SessionsRun } from "./sessions.ts";
import { addUsage, noUsage, totalOf, type Usage, unitsOf } from "./usage.ts";

/** Time between two sweeps: the default of `chat:sweepMinutes`. */
const SWEEP_SECONDS = 300;

/** Length of a departure slot; the departures in one slot are announced together. */
const SLOT_SECONDS = 5;

/** Number of partitions over which the rows of all connections are spread, by prefix of the partition keys. */
const SHARED = { DUE: 4, DEPARTURES: 1 };

export interface HotPartition extends Units {
  /** For example `ROOM of 10`. */
  name: string;
}

export interface Needs {
  connections: number;
  /** Usage per second. */
  usage: Usage;
  messages: number;
  opened: number;
  concurrency: number;
  units: Units;
  /**
   * Traffic per second of the busiest partition of one room of each kind, and of the partitions that everyone shares.
   */
  partitions: HotPartition[];
  /** Time to announce the departures of one slot, in seconds. */
  departuresSeconds: number;
  /** Cost in US dollars per hour. */
  cost: Record<"messages" | "connections" | "lambda" | "writes" | "reads" | "logs", number>;
}

/** @param runOf returns the simulation of one room of this kind; undefined if nobody writes in such rooms */
export function needsOf(
  { connections, rooms }: Scenario,
  runOf: (rooms: Rooms) => RoomRun | undefined,
  { kind: { perSecond }, sessions, usage: ofSessions, sweep }: SessionsRun,
  { postCpuMs, lobby }: { postCpuMs: number; lobby: string },
): Needs {
  const usage = noUsage();
  addUsage(usage, ofSessions, perSecond / sessions);
  addUsage(usage, sweep, 1 / SWEEP_SECONDS);
  const partitions = sharedPartitions(ofSessions, perSecond / sessions, lobby);
  let messages = 0;
  for (const kind of rooms) {
    const run = runOf(kind);
    if (run === undefined) continue;
    const times = kind.rate / run.sent;
    addUsage(usage, run.usage, kind.count * times);
    messages += kind.count * kind.rate;
    partitions.push(...roomPartitions(kind, run.usage, times));
  }
  const units = unitsOf(usage);
  const invocations = totalOf(usage, "invocations");
  const billedSeconds = totalOf(usage, "billedMs") / 1_000;
  const departurePosts = ofSessions.functions.get("departures")?.posts ?? 0;
  const hour = (perSecond: number, price: number) => perSecond * 3_600 * price;
  return {
    connections,
    usage,
    messages,
    opened: perSecond,
    concurrency: billedSeconds,
    units,
    partitions: partitions.sort((a, b) => shareOf(b) - shareOf(a)),
    departuresSeconds: ((perSecond * SLOT_SECONDS * departurePosts) / sessions) * (postCpuMs / 1_000),
    cost: {
      messages: hour(usage.frames + usage.delivered, PRICES.message),
      connections: connections * 60 * PRICES.connectionMinute,
      lambda: hour(invocations, PRICES.invocation) + hour(billedSeconds * MEMORY_GB, PRICES.gigabyteSecond),
      writes: hour(units.write, PRICES.writeUnit),
      reads: hour(units.read, PRICES.readUnit),
      logs: hour((invocations * LOG_BYTES) / 1e9, PRICES.logGigabyte),
    },
  };
}

/**
 * Traffic as a share of a partition's capacity. Reads count a third, because a partition supports three times as many.
 */
function shareOf({ read, write }: Units): number {
  return Math.max(read / 3, write);
}

/** The busiest partition of a room. */
function roomPartitions({ size, rate }: Rooms, { partitions }: Usage, times: number): HotPartition[] {
  const [hottest] = [...partitions]
    .filter(([key]) => /^(ROOM|META)#/.test(key))
    .map(([key, { read, write }]) => ({ name: key, read: read * times, write: write * times }))
    .sort((a, b) => shareOf(b) - shareOf(a));
  if (hottest === undefined) return [];
  const what = hottest.name.startsWith("META#") ? "state" : /#.*#/.test(hottest.name) ? "log" : "members";
  return [{ ...hottest, name: `${what} of a room of ${size} with ${Number(rate.toPrecision(2))} messages/s` }];
}

function sharedPartitions({ partitions }: Usage, times: number, lobby: string): HotPartition[] {
  const shared = new Map<string, HotPartition>();
  for (const [key, { read, write }] of partitions) {
    const prefix = key.split("#")[0] as string;
    const spread = key === `ROOM#${lobby}` ? 1 : SHARED[prefix as keyof typeof SHARED];
    if (spread === undefined) continue;
    const name = { DUE: "connections that are due", DEPARTURES: "departures of a time slot" }[prefix] ?? "the lobby";
    const sum = shared.get(name) ?? { name, read: 0, write: 0 };
    sum.read += (read * times) / spread;
    sum.write += (write * times) / spread;
    shared.set(name, sum);
  }
  return [...shared.values()];
}
