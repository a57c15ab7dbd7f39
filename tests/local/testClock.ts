import { vi } from "vitest";
import type { Clock } from "../../local/clock.ts";

/** How long to wait for an event: long enough for a cold start on a busy machine. */
export const WAIT = { timeout: 10_000, interval: 10 };

/** A clock that stands still until it is advanced. */
export class TestClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00Z");
  readonly #timers = new Set<{ at: number; callback: () => void }>();
  readonly #pauses: number[] = [];

  now() {
    return this.#now;
  }

  after(ms: number, callback: () => void) {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    this.#pauses.push(ms);
    return () => void this.#timers.delete(timer);
  }

  get timers() {
    return this.#timers.size;
  }

  /** Resolves with the length of the next pause, whether it has already begun or not. */
  nextPause(): Promise<number> {
    return vi.waitFor(() => this.#pauses.shift() ?? Promise.reject(new Error("nobody pauses")), WAIT);
  }

  advance(ms: number) {
    this.#now += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}
