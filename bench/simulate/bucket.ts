/** A token bucket in virtual time: how AWS limits rates. */
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

  /** @param now milliseconds, which never go back @returns whether anything is left */
  hasAny(now: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + (now - this.#at) * this.#perMs);
    this.#at = now;
    return this.#left > 0;
  }

  /** What a call turns out to cost may be more than is left: what comes next waits for it. */
  take(amount: number): void {
    this.#left -= amount;
  }
}
