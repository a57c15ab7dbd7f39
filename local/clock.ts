/** Time as those parts see it that wait for minutes and hours; a test brings a clock of its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, this many milliseconds from now; what it returns takes that back. */
  after(ms: number, callback: () => void): () => void;
}

/** `setTimeout` calls back at once for more than these 24.8 days; a schedule may run every 30. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      const pauseMs = Math.min(leftMs, LONGEST_TIMEOUT_MS);
      timer = setTimeout(() => (leftMs > pauseMs ? wait(leftMs - pauseMs) : callback()), pauseMs);
      timer.unref();
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};
