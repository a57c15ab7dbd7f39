/** Costs and savings of the fan-out's leases (`chat/fanOut/lease.ts`), by size and rate of a room. */
import { PRICES } from "./assumptions.ts";
import { shown, table } from "./report.ts";
import type { RoomKind, RoomRun } from "./room.ts";
import { unitsOf } from "./usage.ts";

/** Rooms that show where leases are worth their cost. */
export const LEASED_ROOMS: RoomKind[] = [
  { size: 3, rate: 5 },
  { size: 10, rate: 0.1 },
  { size: 10, rate: 1 },
  { size: 10, rate: 10 },
  { size: 100, rate: 0.1 },
  { size: 100, rate: 1 },
  { size: 100, rate: 10 },
  { size: 100, rate: 50 },
  { size: 1_000, rate: 0.1 },
  { size: 1_000, rate: 1 },
  { size: 1_000, rate: 10 },
  { size: 1_000, rate: 100 },
];

/** Write units of the log's table for a message without a lease: one each for its entry, its position and its id. */
const PLAIN_UNITS = 3;

export interface LeaseCost {
  kind: RoomKind;
  /** Write units of the log's table for each message, in addition to those of a message without a lease. */
  units: number;
  /** Number of pushes that leases save for each message. */
  sparedPushes: number;
  /** US dollars that leases save per million messages; negative if they cost more than they save. */
  savedDollars: number;
}

export function leaseCostOf({ kind, sent, acked, usage }: RoomRun): LeaseCost {
  const [, log] = [...usage.tables].find(([name]) => name.endsWith("messages")) ?? ["", unitsOf(usage)];
  const units = log.write / sent - PLAIN_UNITS;
  // Acks are also posts.
  const sparedPushes = kind.size - (usage.posts - acked) / sent;
  return { kind, units, sparedPushes, savedDollars: 1e6 * (sparedPushes * PRICES.message - units * PRICES.writeUnit) };
}

export function leasesTable(runs: RoomRun[]): string {
  return table(
    ["Members", "Messages/s", "Write units of leases", "Pushes", "Pushes spared", "Saved per million messages"],
    runs.map((run) => {
      const { kind, units, sparedPushes, savedDollars } = leaseCostOf(run);
      const dollars = `${savedDollars < 0 ? "−" : ""}$${shown(Math.abs(savedDollars))}`;
      return [
        shown(kind.size),
        shown(kind.rate),
        shown(Math.max(0, units)),
        shown(kind.size - sparedPushes),
        `${Math.round((100 * Math.max(0, sparedPushes)) / kind.size)}%`,
        dollars,
      ];
    }),
  );
}
