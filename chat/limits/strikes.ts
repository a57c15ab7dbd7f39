/**
 * Closes the connection of somebody who keeps sending what is refused, and keeps the person out for a while: frames that
 * no schema accepts, and frames that come before the time that a refusal named. No client of ours sends either. The
 * person's buckets are closed as well: so the other environments, which have counted less, close a connection as soon as
 * they ask one of them.
 */
import { dismiss } from "../connections/connectionsApi";
import type { Resource } from "../resource";
import { setBounded } from "./boundedCache";
import type { Limits } from "./limits";
import { SharedRate } from "./sharedRate";

/** Strikes are forgotten after so long without another. */
const FORGET_MS = 10_000;

/** Until the person's next connection. */
const PENALTY_MS = 30_000;

/** A connection that could not be closed is tried again after so long. */
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
  /** When each connection was closed last. */
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

  /** Counts one, in this environment; with the last one the connection that brought it is closed. */
  async add(userId: string, connectionId: string): Promise<void> {
    const now = Date.now();
    const known = this.#counts.get(userId);
    const strikes = (known === undefined || now - known.at > FORGET_MS ? 0 : known.strikes) + 1;
    setBounded(this.#counts, userId, { strikes, at: now });
    if (strikes < this.#max) return;
    // Somebody who floods over many connections loses each of them with its next frame. What can't be done now is done then.
    if (strikes % this.#max === 0) {
      await Promise.all(this.#buckets.map((bucket) => bucket.close(userId, PENALTY_MS).catch(() => {})));
    }
    await this.dismiss(connectionId);
  }

  /** Closes a connection of somebody who is kept out. What it had sent before comes still, and costs no further call. */
  async dismiss(connectionId: string): Promise<void> {
    const now = Date.now();
    if (now - (this.#dismissed.get(connectionId) ?? 0) < DISMISSED_MS) return;
    setBounded(this.#dismissed, connectionId, now);
    await dismiss(this.#api, connectionId, { reason: "too many refused frames", retryAfterMs: PENALTY_MS });
  }
}
