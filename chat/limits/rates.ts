/**
 * How often somebody may do something, by the generic cell rate algorithm (GCRA). A bucket is one time: the one at which
 * it will be empty. Each thing that is done puts it off by the pause that the rate asks for, and it may not lie further
 * ahead than the burst allows. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */

import type { Resource } from "../resource";
import { updateIf } from "../tables/conditionalWrite";
import { setBounded } from "./boundedCache";

export interface Rate {
  perSecond: number;
  /** What may be done at once after a quiet while: 1 or more. */
  burst: number;
}

/** All that is limited. */
export interface Rates {
  /** What one person appends, in all rooms. */
  appends: Rate;
  /** Frames of one person, in each environment. */
  frames: Rate;
  /** Connections that one person opens. */
  connects: Rate;
  /** What is appended to one room. */
  room: Rate;
  /** Frames that are no request, until a connection is closed. */
  badFrames: number;
}

/** Whoever is refused waits at least so long: then a flood costs each environment one write a second. */
const LEAST_WAIT_MS = 1_000;

/** Buckets of one environment, without any call: each environment counts for itself. */
export class LocalRate {
  readonly #pauseMs: number;
  readonly #aheadMs: number;
  readonly #emptyAt = new Map<string, number>();

  constructor({ perSecond, burst }: Rate) {
    this.#pauseMs = 1_000 / perSecond;
    this.#aheadMs = (burst - 1) * this.#pauseMs;
  }

  /** @returns 0 when it may be done; else the milliseconds to wait */
  take(key: string): number {
    const now = Date.now();
    // No bucket is ever fuller; a clock may have been set back.
    const fullAt = now + this.#aheadMs + this.#pauseMs;
    const emptyAt = Math.min(Math.max(this.#emptyAt.get(key) ?? 0, now), fullAt);
    if (emptyAt - now > this.#aheadMs) return Math.ceil(emptyAt - now - this.#aheadMs);
    setBounded(this.#emptyAt, key, emptyAt + this.#pauseMs);
    return 0;
  }
}

/**
 * Buckets in a table, which hold across functions and environments. One write unit when the bucket is empty, two when
 * it is not. Who is refused is then refused from memory until its time has come.
 */
export class SharedRate {
  readonly #table: Resource<"UpdateItem">;
  readonly #kind: string;
  readonly #pauseMs: number;
  readonly #aheadMs: number;
  readonly #refusedUntil = new Map<string, number>();

  /** @param kind what is counted: buckets of another kind are other buckets */
  constructor(table: Resource<"UpdateItem">, kind: string, { perSecond, burst }: Rate) {
    this.#table = table;
    this.#kind = kind;
    this.#pauseMs = Math.ceil(1_000 / perSecond);
    this.#aheadMs = (burst - 1) * this.#pauseMs;
  }

  /** Who has been refused and has not waited yet: told without any call. @returns the milliseconds to wait, else 0 */
  refusedMs(key: string): number {
    return Math.max(0, (this.#refusedUntil.get(key) ?? 0) - Date.now());
  }

  /** @returns 0 when it may be done; else the milliseconds to wait */
  async take(key: string): Promise<number> {
    const refusedMs = this.refusedMs(key);
    if (refusedMs > 0) return refusedMs;
    const now = Date.now();
    let emptyAt = await this.#fillEmpty(key, now);
    if (emptyAt === undefined) return 0;
    if (emptyAt - now <= this.#aheadMs) emptyAt = await this.#fill(key, now);
    if (emptyAt === undefined) return 0;
    const waitMs = Math.max(LEAST_WAIT_MS, emptyAt - now - this.#aheadMs);
    setBounded(this.#refusedUntil, key, now + waitMs);
    return waitMs;
  }

  /** @returns undefined when it was empty; else when it will be */
  async #fillEmpty(key: string, now: number): Promise<number | undefined> {
    const failed = await updateIf(this.#table, this.#keyOf(key), {
      update: "SET emptyAt = :next, expiresAt = :expiresAt",
      condition: "attribute_not_exists(emptyAt) OR emptyAt <= :now",
      values: { ":next": now + this.#pauseMs, ":now": now, ":expiresAt": this.#expiresAt(now) },
    });
    return failed?.row?.emptyAt as number | undefined;
  }

  /** @returns undefined when there was room; else when it will be empty */
  async #fill(key: string, now: number): Promise<number | undefined> {
    const failed = await updateIf(this.#table, this.#keyOf(key), {
      update: "SET emptyAt = emptyAt + :pause, expiresAt = :expiresAt",
      condition: "emptyAt <= :latest",
      values: { ":pause": this.#pauseMs, ":latest": now + this.#aheadMs, ":expiresAt": this.#expiresAt(now) },
    });
    // The TTL may have taken it meanwhile: what is gone was empty.
    return failed && ((failed.row?.emptyAt as number | undefined) ?? now);
  }

  #keyOf(key: string) {
    return { pk: `RATE#${this.#kind}#${key}`, sk: "#" };
  }

  /** When it is empty for sure, in seconds. */
  #expiresAt(now: number): number {
    return Math.ceil((now + this.#aheadMs + this.#pauseMs) / 1_000) + 60;
  }
}

/**
 * How fast a room's log may grow, told by the positions that it gives out: they count what all environments append, and
 * cost no write of their own. Each environment judges by those that it sees.
 */
export class RoomRate {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #rooms = new Map<string, { seq: number; at: number; level: number }>();

  constructor({ perSecond, burst }: Rate) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
  }

  /** @returns 0 when something may be appended; else the milliseconds to wait */
  waitMs(room: string): number {
    const known = this.#rooms.get(room);
    if (known === undefined) return 0;
    const level = known.level - (Date.now() - known.at) * this.#perMs;
    return level < this.#burst ? 0 : Math.max(LEAST_WAIT_MS, Math.ceil((level - this.#burst) / this.#perMs));
  }

  /** A position that the room has just given out. */
  saw(room: string, seq: number): void {
    const at = Date.now();
    const known = this.#rooms.get(room) ?? { seq: seq - 1, at, level: 0 };
    // What others have appended since then has drained meanwhile, too.
    const level = Math.max(0, known.level + Math.max(0, seq - known.seq) - (at - known.at) * this.#perMs);
    setBounded(this.#rooms, room, { seq: Math.max(seq, known.seq), at, level });
  }
}
