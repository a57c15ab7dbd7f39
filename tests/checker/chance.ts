/**
 * Repeatable randomness. Each decision has a name, and its outcome depends only on the seed and that name: removing a
 * send or a fault from a run leaves all other decisions as they were, which shrinking relies on.
 */
export class Chance {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The dice of one decision. */
  of(...name: (string | number)[]): Dice {
    return new Dice(hashOf(name.join("\u0000"), this.#seed));
  }
}

/** A random number generator, mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export class Dice {
  #state: number;

  constructor(state: number) {
    this.#state = state;
  }

  /** At least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** Draws small values often and large ones now and then: each order of magnitude is equally likely. */
  magnitude(least: number, most: number): number {
    return least * (most / least) ** this.next();
  }

  /** Draws an integer; both ends are inclusive. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)] as T;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    const shuffled: T[] = [];
    while (left.length > 0) shuffled.push(...left.splice(Math.floor(this.next() * left.length), 1));
    return shuffled;
  }
}

/** FNV-1a with MurmurHash3's finalizer: names that differ only in their last character get unrelated hashes. */
function hashOf(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
