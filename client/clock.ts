/** A client's source of time and randomness. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, after this many milliseconds. @returns a function that cancels the timer */
  after(ms: number, callback: () => void): () => void;
  /** A random number that is at least 0 and less than 1. */
  random(): number;
}

/** Longest delay that `setTimeout` supports. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** The clock of one client. Stopping the clock cancels all of the client's timers. */
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
    const cancelTimer = this.#clock.after(ms, () => {
      this.#pending.delete(cancel);
      callback();
    });
    const cancel = () => {
      this.#pending.delete(cancel);
      cancelTimer();
    };
    this.#pending.add(cancel);
    return cancel;
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#pending) cancel();
  }
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
