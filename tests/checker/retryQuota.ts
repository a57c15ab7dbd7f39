/**
 * Remaining retry quota of the SDK clients in an environment: a copy of their own private count
 * (`StandardRetryStrategy` in @smithy/core). A client that has used up its quota doesn't retry, so the retries of one
 * run could change the next run in the same environment.
 */
const FULL = 500;
const COST = 14;
const THROTTLING_COST = 5;

/** An environment isn't used again if the quota for any host is less than this. */
const LOW = 300;

export class RetryQuota {
  /** Remaining quota by host, because each service has its own client. */
  readonly #left = new Map<string, number>();
  /** For each host whose quota wasn't full when the run started: its quota at that time. */
  readonly #atStart = new Map<string, number>();

  /** Starts a run. */
  begin(): void {
    this.#atStart.clear();
    for (const [host, left] of this.#left) if (left < FULL) this.#atStart.set(host, left);
  }

  /** Handles a retryable failure of a call. @returns whether the quota allows the retry */
  spend(host: string, isThrottling: boolean): boolean {
    const left = this.#left.get(host) ?? FULL;
    const cost = isThrottling ? THROTTLING_COST : COST;
    if (left < cost) return false;
    this.#left.set(host, left - cost);
    return true;
  }

  /** Gives back quota after a successful call. @param retried why it was last retried; undefined if it wasn't */
  succeed(host: string, retried: "throttling" | "other" | undefined): void {
    const back = retried === undefined ? 1 : retried === "throttling" ? THROTTLING_COST : COST;
    this.#left.set(host, Math.min(FULL, (this.#left.get(host) ?? FULL) + back));
  }

  /** Whether this run might have gone differently with the full quota. */
  get isUncertain(): boolean {
    return [...this.#atStart.keys()].some((host) => (this.#left.get(host) ?? FULL) < COST);
  }

  get isLow(): boolean {
    return [...this.#left.values()].some((left) => left < LOW);
  }
}
