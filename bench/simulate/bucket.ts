/** A token bucket, as AWS uses to limit rates, but in virtual time. */
export class Bucket {
  readonly #perMs: number;
  readonly #burst: number;
  #left: number;
  #at = 0;

  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#left = burst;
  }

  /** @param now milliseconds; never decreases @returns whether a token is left */
  hasAny(now: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + (now - this.#at) * this.#perMs);
    this.#at = now;
    return this.#left > 0;
  }

  /** Takes tokens, possibly more than are left. `hasAny` then returns false until the deficit is filled. */
  take(amount: number): void {
    this.#left -= amount;
  }
}
