/** A clock that advances only when nothing is left to do at the current time: it then jumps to the next event. */

/**
 * Start of each run: later than the real date, so that the store's own sweeper, which uses the real date, never finds
 * an expired item.
 */
export const START = Date.UTC(2040, 0, 1);

/** Maximum number of events at one moment; more than that means an infinite loop. */
const MOST_AT_ONCE = 10_000;

interface Timer {
  at: number;
  /** Orders tasks that are due at the same time: the one that was set first runs first. */
  order: number;
  run: (() => unknown) | undefined;
}

export class VirtualClock {
  /** A binary heap. */
  readonly #timers: Timer[] = [];
  /** Milliseconds since the start: unlike those since 1970, they are small enough to keep their fractions. */
  #elapsed = 0;
  #order = 0;
  /** Number of events since time last advanced. */
  #stood = 0;

  /** Milliseconds since 1970, without fractions. */
  now(): number {
    return START + Math.floor(this.#elapsed);
  }

  /** Milliseconds since the start, with fractions, to order events within one millisecond. */
  elapsed(): number {
    return this.#elapsed;
  }

  /**
   * Runs a function later.
   *
   * @param run may return a promise, which is awaited before time advances
   * @returns a function that cancels the call
   */
  after(ms: number, run: () => unknown): () => void {
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, run };
    this.#push(timer);
    return () => {
      timer.run = undefined;
    };
  }

  /**
   * Lets time pass up to a moment.
   *
   * @param quiet resolves when all that an event triggered in this process is done
   */
  async runUntil(elapsed: number, quiet: () => Promise<void>): Promise<void> {
    await quiet();
    for (let next = this.#timers[0]; next !== undefined && next.at <= elapsed; next = this.#timers[0]) {
      this.#pop();
      if (next.run === undefined) continue;
      this.#stood = next.at > this.#elapsed ? 0 : this.#stood + 1;
      if (this.#stood > MOST_AT_ONCE) throw new Error("time stands still: an endless loop schedules events");
      this.#elapsed = next.at;
      await next.run();
      await quiet();
    }
    this.#elapsed = Math.max(this.#elapsed, elapsed);
  }

  #push(timer: Timer): void {
    const timers = this.#timers;
    let at = timers.length;
    timers.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(timers[parent] as Timer, timer)) break;
      timers[at] = timers[parent] as Timer;
      at = parent;
    }
    timers[at] = timer;
  }

  #pop(): void {
    const timers = this.#timers;
    const last = timers.pop() as Timer;
    if (timers.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && isBefore(timers[child + 1] as Timer, timers[child] as Timer)) child += 1;
      if (isBefore(last, timers[child] as Timer)) break;
      timers[at] = timers[child] as Timer;
      at = child;
    }
    timers[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
