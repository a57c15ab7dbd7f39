import type { Clock } from "./options.ts";

/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, LONGEST_MS));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** A client's own: when it is stopped, what was to come does not come. */
export class StoppableClock implements Clock {
  readonly #clock: Clock;
  readonly #pending = new Set<() => void>();
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  random(): number {
    return this.#clock.random();
  }

  after(ms: number, callback: () => void): () => void {
    if (this.#isStopped) return () => {};
    const takeBack = this.#clock.after(ms, () => {
      this.#pending.delete(stop);
      callback();
    });
    const stop = () => {
      this.#pending.delete(stop);
      takeBack();
    };
    this.#pending.add(stop);
    return stop;
  }

  stop(): void {
    this.#isStopped = true;
    for (const stop of this.#pending) stop();
  }
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
