/** Limits the number of execution environments, because a laptop is smaller than a Region. */
import { availableParallelism } from "node:os";

/** Maximum number of environments of one function. */
export const MAX_ENVIRONMENTS_OF_FUNCTION = 2 * availableParallelism();

/** Maximum number of environments of all functions together. */
const MAX_ENVIRONMENTS = 24;

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

  /** @param onFree called when a place has become free */
  constructor(onFree: () => void) {
    this.#onFree = onFree;
  }

  /**
   * Takes a place for another environment. If all places are taken, ends the environment that has been idle longest;
   * returns false if none is idle.
   */
  take(owner: EnvironmentOwner): boolean {
    this.#owners.add(owner);
    if (this.#taken >= MAX_ENVIRONMENTS && !this.#endOldestIdle()) return false;
    this.#taken += 1;
    return true;
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
