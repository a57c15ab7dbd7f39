import type { Clock } from "./clock.ts";

const SHORTEST_MS = 500;
const LONGEST_MS = 20_000;

/** Pauses between attempts: full jitter, so that clients that lost the same server do not come back all at once. */
export class Backoff {
  readonly #clock: Clock;
  #attempts = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param leastMs what the server asked for */
  next(leastMs = 0): number {
    const most = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** this.#attempts++);
    return Math.round(leastMs + this.#clock.random() * most);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
