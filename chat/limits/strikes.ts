/**
 * Closes the connection of a person who keeps sending invalid frames, or keeps sending frames before the time that a
 * refusal named, and bars the person for a while. Our clients do neither. The person's rate-limit buckets are closed as
 * well, so that other environments, which have counted fewer strikes, close the person's connections as soon as they
 * check one of the buckets.
 */
import { dismiss } from "../connections/connectionsApi";
import type { Resource } from "../resource";
import { setBounded } from "./boundedCache";
import type { Limits } from "./limits";
import { SharedRate } from "./sharedRate";

/** Strikes expire after this long without another one. */
const FORGET_MS = 10_000;

/** Time until the person may connect again. */
const PENALTY_MS = 30_000;

/** Pause before another attempt to close a connection that couldn't be closed. */
const DISMISSED_MS = 2_000;

interface Count {
  strikes: number;
  at: number;
}

export class Strikes {
  readonly #api: Resource<"POST" | "DELETE">;
  readonly #max: number;
  readonly #buckets: SharedRate[];
  readonly #counts = new Map<string, Count>();
  /** Time of the last attempt to close each connection. */
  readonly #dismissed = new Map<string, number>();

  constructor(
    table: Resource<"UpdateItem">,
    api: Resource<"POST" | "DELETE">,
    { strikes, ...rates }: Pick<Limits, "strikes" | "connects" | "frames" | "appends">,
  ) {
    this.#api = api;
    this.#max = strikes;
    this.#buckets = (["connects", "frames", "appends"] as const).map(
      (kind) => new SharedRate(table, kind, rates[kind]),
    );
  }

  /**
   * Counts one strike in this environment. The strike that reaches the limit, and each further one, closes the
   * connection that caused it: a person who floods over many connections loses each of them at its next frame.
   */
  async add(userId: string, connectionId: string): Promise<void> {
    const now = Date.now();
    const known = this.#counts.get(userId);
    const strikes = (known === undefined || now - known.at > FORGET_MS ? 0 : known.strikes) + 1;
    setBounded(this.#counts, userId, { strikes, at: now });
    if (strikes < this.#max) return;
    // Closing the buckets is repeated after as many further strikes, because it may have failed.
    if (strikes % this.#max === 0) {
      await Promise.all(this.#buckets.map((bucket) => bucket.close(userId, PENALTY_MS).catch(() => {})));
    }
    await this.dismiss(connectionId);
  }

  /**
   * Closes a connection of a barred person. Frames that were sent before the connection closed still arrive, but cause
   * no further calls.
   */
  async dismiss(connectionId: string): Promise<void> {
    const now = Date.now();
    if (now - (this.#dismissed.get(connectionId) ?? 0) < DISMISSED_MS) return;
    setBounded(this.#dismissed, connectionId, now);
    await dismiss(this.#api, connectionId, { reason: "too many refused frames", retryAfterMs: PENALTY_MS });
  }
}
