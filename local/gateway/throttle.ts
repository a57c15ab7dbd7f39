import type { Stage } from "./definition.ts";

/** A token bucket: `rate` tokens a second, up to `burst` at once. */
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

  /** Takes a token if there is one. @param now milliseconds on any monotonic clock */
  take(now: number): boolean {
    const earned = ((now - this.#filledAt) / 1000) * this.#rate;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** The buckets of an API's stages. A bucket is kept when the API is deployed again with the same limits. */
export class Throttles {
  readonly #buckets = new Map<string, Throttle>();

  /** Whether a request may pass. A route with its own settings has its own bucket; all others share the stage's. */
  mayPass(stage: Stage, routeKey: string): boolean {
    const own = stage.routeThrottles.get(routeKey);
    const settings = own ?? stage.throttle;
    if (settings === undefined) return true;
    const key = own === undefined ? stage.name : `${stage.name} ${routeKey}`;
    const known = this.#buckets.get(key);
    const bucket = known?.isFor(settings) ? known : new Throttle(settings, performance.now());
    this.#buckets.set(key, bucket);
    return bucket.take(performance.now());
  }
}
