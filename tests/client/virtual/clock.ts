import type { Clock } from "../../../client/clock.ts";

interface Timer {
  at: number;
  callback: () => void;
}

/**
 * A clock that stands still until a test advances it. When `advance` resolves, everything that its timers triggered has
 * happened.
 */
export class VirtualClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00Z");
  #wrongBy = 0;
  readonly #timers = new Set<Timer>();
  /** The value that `random` returns. */
  chance: () => number = () => 0.5;

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  random(): number {
    return this.chance();
  }

  /** The number of pending timers. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Jumps from timer to timer, as real time would reach them. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#nextUntil(end); next !== undefined; next = this.#nextUntil(end)) {
      this.#now = Math.max(this.#now, next.at);
      await this.#fire(next);
    }
    this.#now = end;
  }

  /** Simulates a sleeping machine: no timer fires until it wakes, and then all overdue ones do at once. */
  async sleep(ms: number): Promise<void> {
    this.#now += ms;
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.#timers.has(timer)) await this.#fire(timer);
  }

  /** Moves the client's wall clock by this time. Timers and the server are unaffected. */
  setWallClock(ms: number): void {
    for (const timer of this.#timers) timer.at += ms;
    this.#now += ms;
    this.#wrongBy += ms;
  }

  /** The server's time, which is correct whatever the client's clock says. */
  serverNow(): number {
    return this.#now - this.#wrongBy;
  }

  #nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined;
    // Timers due at the same time fire in the order in which they were set.
    for (const timer of this.#timers) if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    timer.callback();
    await settled();
  }
}

/** Resolves when every promise that can settle has settled: the event loop's next phase begins only then. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
