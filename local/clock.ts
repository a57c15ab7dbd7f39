/** The clock for parts that wait for minutes or hours. Tests replace it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, this many milliseconds from now. Returns a function that cancels the call. */
  after(ms: number, callback: () => void): () => void;
}

/** Longest delay that `setTimeout` supports, 24.8 days. A longer one, as for `rate(30 days)`, would fire at once. */
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
