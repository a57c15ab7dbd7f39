/**
 * Random delays, determined by a seed. They reorder a connection's frames and posts to the connection, because AWS
 * doesn't guarantee their order, either.
 */
import { setTimeout as sleep } from "node:timers/promises";

const LONGEST_PAUSE_MS = 25;

export type Chaos = () => Promise<void>;

/** Returns a function that waits for the next delay. Without a seed, nothing is delayed. */
export function chaosOf(seed: number | undefined): Chaos {
  if (seed === undefined) return async () => {};
  let state = seed >>> 0;
  // mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return async () => {
    if (random() < 0.5) await sleep(random() * LONGEST_PAUSE_MS);
  };
}
