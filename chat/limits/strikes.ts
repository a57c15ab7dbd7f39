/**
 * Closes the connection of somebody who keeps sending what is refused, and keeps the person out for a while: frames that
 * no schema accepts, and frames that come before the time that a refusal named. No client of ours sends either.
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

interface Count {
  strikes: number;
  at: number;
}

export class Strikes {
  readonly #api: Resource<"POST" | "DELETE">;
  readonly #max: number;
  readonly #connects: SharedRate;
  readonly #counts = new Map<string, Count>();

  constructor(
    table: Resource<"UpdateItem">,
    api: Resource<"POST" | "DELETE">,
    { strikes, connects }: Pick<Limits, "strikes" | "connects">,
  ) {
    this.#api = api;
    this.#max = strikes;
    this.#connects = new SharedRate(table, "connects", connects);
  }

  /** Counts one, in this environment; with the last one the connection that brought it is closed. */
  async add(userId: string, connectionId: string): Promise<void> {
    const now = Date.now();
    const known = this.#counts.get(userId);
    const strikes = (known === undefined || now - known.at > FORGET_MS ? 0 : known.strikes) + 1;
    setBounded(this.#counts, userId, { strikes, at: now });
    if (strikes < this.#max) return;
    // Somebody who floods over many connections loses each of them with its next frame. What can't be done now is done then.
    if (strikes % this.#max === 0) await this.#connects.close(userId, PENALTY_MS).catch(() => {});
    await dismiss(this.#api, connectionId, { reason: "too many refused frames", retryAfterMs: PENALTY_MS });
  }
}
