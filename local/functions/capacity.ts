/** Limits the number of execution environments, because a laptop is smaller than a Region. */
import { availableParallelism } from "node:os";

/** Maximum number of environments of one function. */
export const MAX_ENVIRONMENTS_OF_FUNCTION = 2 * availableParallelism();

/** Maximum number of environments of all functions together. */
const MAX_ENVIRONMENTS = 24;

/** Maximum number of environments that start at once; each start takes a core for about 0.2 s. */
export const MAX_STARTING = Math.max(1, availableParallelism() - 1);

/** A function that shares the machine with others. */
export interface EnvironmentOwner {
  /** The time when its oldest idle environment became idle, by `performance.now()`; undefined if none is idle. */
  readonly oldestIdle: number | undefined;
  endOldestIdle(): void;
}

export class Capacity {
  readonly #owners = new Set<EnvironmentOwner>();
  readonly #onFree: () => void;
  #taken = 0;
  #starting = 0;

  /** @param onFree called when an environment has become free, or can be started */
  constructor(onFree: () => void) {
    this.#onFree = onFree;
  }

  /**
   * Takes a place for another environment, which starts. If all places are taken, ends the environment that has been
   * idle longest; returns false if none is idle, or while too many others are starting.
   */
  take(owner: EnvironmentOwner): boolean {
    this.#owners.add(owner);
    if (this.#starting >= MAX_STARTING) return false;
    if (this.#taken >= MAX_ENVIRONMENTS && !this.#endOldestIdle()) return false;
    this.#taken += 1;
    this.#starting += 1;
    return true;
  }

  /** Called when an environment has started, successfully or not. */
  started(): void {
    this.#starting -= 1;
    this.#onFree();
  }

  /** Returns a place. */
  give(): void {
    this.#taken -= 1;
    this.#onFree();
  }

  /** Removes a deleted function. */
  remove(owner: EnvironmentOwner): void {
    this.#owners.delete(owner);
  }

  #endOldestIdle(): boolean {
    const [oldest] = [...this.#owners]
      .filter(({ oldestIdle }) => oldestIdle !== undefined)
      .sort((a, b) => (a.oldestIdle as number) - (b.oldestIdle as number));
    if (oldest === undefined) return false;
    oldest.endOldestIdle();
    this.#taken -= 1;
    return true;
  }
}
