/** A token bucket: `rate` a second, up to `burst` at once. */
export class Throttle {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  constructor({ rate, burst }: { rate: number; burst: number }, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  isFor({ rate, burst }: { rate: number; burst: number }): boolean {
    return rate === this.#rate && burst === this.#burst;
  }

  /** Takes a token, if there is one. @param now milliseconds on any clock that only goes forward */
  take(now: number): boolean {
    const earned = ((now - this.#filledAt) / 1000) * this.#rate;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
