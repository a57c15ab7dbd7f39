/** Time that passes only when nothing is left to do: the simulation goes from one event to the next. */

/** Beyond the real date: the store's own sweeper, which goes by that, never finds anything expired. */
export const START = Date.UTC(2040, 0, 1);

/** Events of one moment; what makes more of them is a circle. */
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
  /** Since the start: so small a number keeps its fractions. */
  #elapsed = 0;
  #order = 0;
  /** Events since time last went on. */
  #stood = 0;

  /** Milliseconds since 1970, whole ones. */
  now(): number {
    return START + Math.floor(this.#elapsed);
  }

  /** Milliseconds since the start, with fractions: what orders events that happen in the same millisecond. */
  elapsed(): number {
    return this.#elapsed;
  }

  /** @param run may return a promise, which is then waited for before time goes on. @returns what takes it back */
  after(ms: number, run: () => unknown): () => void {
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, run };
    this.#push(timer);
    return () => {
      timer.run = undefined;
    };
  }

  /** Lets time pass until then. @param quiet resolves when all that an event has set off in this process is done */
  async runUntil(elapsed: number, quiet: () => Promise<void>): Promise<void> {
    await quiet();
    for (let next = this.#timers[0]; next !== undefined && next.at <= elapsed; next = this.#timers[0]) {
      this.#pop();
      if (next.run === undefined) continue;
      this.#stood = next.at > this.#elapsed ? 0 : this.#stood + 1;
      if (this.#stood > MOST_AT_ONCE) throw new Error("time stands still: something waits for nothing again and again");
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
