import type { Clock } from "../../../client/clock.ts";

interface Timer {
  at: number;
  callback: () => void;
}

/** Stands still until a test lets it go on; what its timers set off has happened when `advance` resolves. */
export class VirtualClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00Z");
  #wrongBy = 0;
  readonly #timers = new Set<Timer>();
  /** What `random` says. */
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

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Goes from timer to timer, as time does. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#nextUntil(end); next !== undefined; next = this.#nextUntil(end)) {
      this.#now = Math.max(this.#now, next.at);
      await this.#fire(next);
    }
    this.#now = end;
  }

  /** A machine that sleeps: no timer fires until it wakes, and then all that were due do at once. */
  async sleep(ms: number): Promise<void> {
    this.#now += ms;
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.#timers.has(timer)) await this.#fire(timer);
  }

  /** Sets the client's wall clock forward or back. Timers and the server go on as before. */
  setWallClock(ms: number): void {
    for (const timer of this.#timers) timer.at += ms;
    this.#now += ms;
    this.#wrongBy += ms;
  }

  /** The server's time: right, whatever the client's clock is set to. */
  serverNow(): number {
    return this.#now - this.#wrongBy;
  }

  #nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined;
    // The one that was set first goes first, where two are due at the same time.
    for (const timer of this.#timers) if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    timer.callback();
    await settled();
  }
}

/** Resolves when every promise that could be settled is: what comes after it in the event loop waits for them. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
