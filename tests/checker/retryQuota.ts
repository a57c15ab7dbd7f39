/**
 * What the SDK's clients of an environment may still spend on retries: a copy of their own account, which nobody can
 * look into (`StandardRetryStrategy` of @smithy/core). An invocation whose client has spent it fails at the first
 * attempt; and what one run has spent must not change the next.
 */
const FULL = 500;
const COST = 14;
const THROTTLING_COST = 5;

/** Below this an environment is not used again. */
const LOW = 300;

export class RetryQuota {
  /** By host: each service has a client of its own. */
  readonly #left = new Map<string, number>();
  /** By host, of a run that began with less than all. */
  readonly #atStart = new Map<string, number>();

  /** A run begins. */
  begin(): void {
    this.#atStart.clear();
    for (const [host, left] of this.#left) if (left < FULL) this.#atStart.set(host, left);
  }

  /** A call has failed in a way that is tried again. @returns whether the client can pay for that */
  spend(host: string, isThrottling: boolean): boolean {
    const left = this.#left.get(host) ?? FULL;
    const cost = isThrottling ? THROTTLING_COST : COST;
    if (left < cost) return false;
    this.#left.set(host, left - cost);
    return true;
  }

  /** @param retried what its last retry was for; undefined for a first attempt */
  succeed(host: string, retried: "throttling" | "other" | undefined): void {
    const back = retried === undefined ? 1 : retried === "throttling" ? THROTTLING_COST : COST;
    this.#left.set(host, Math.min(FULL, (this.#left.get(host) ?? FULL) + back));
  }

  /** With all of its quota this run might have gone otherwise. */
  get isUncertain(): boolean {
    return [...this.#atStart.keys()].some((host) => (this.#left.get(host) ?? FULL) < COST);
  }

  get isLow(): boolean {
    return [...this.#left.values()].some((left) => left < LOW);
  }
}
