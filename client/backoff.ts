import type { Clock } from "./clock.ts";

const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 20_000;

/** Pauses between attempts: exponential, with full jitter, so that clients don't all reconnect at the same time. */
export class Backoff {
  readonly #clock: Clock;
  #attempts = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param leastMs the pause that the server asked for, if any */
  next(leastMs = 0): number {
    const most = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** this.#attempts++);
    return Math.round(leastMs + this.#clock.random() * most);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
