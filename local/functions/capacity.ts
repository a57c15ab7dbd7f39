/** Limits the number of execution environments, because a laptop is smaller than a Region. */
import { availableParallelism } from "node:os";
import type { ExecutionEnvironment } from "./environment.ts";

/** Maximum number of environments of one function. */
export const MAX_ENVIRONMENTS_OF_FUNCTION = 2 * availableParallelism();

/** Maximum number of environments of all functions together. */
const MAX_ENVIRONMENTS = 24;

/** Maximum number of environments that start at once, not counting the first one of each function. */
export const MAX_STARTING = Math.max(1, availableParallelism() - 1);

/** A start uses a core for about 0.2 s. A start that takes longer than this mostly waits, and its core is free. */
export const SHORT_START_MS = 500;

/** Whether an environment that is starting probably uses a core, because it began less than `SHORT_START_MS` ago. */
export function isShortStart({ startedAt }: ExecutionEnvironment): boolean {
  return performance.now() - startedAt < SHORT_START_MS;
}

/** A function that shares the machine with others. */
export interface EnvironmentOwner {
  /** The time when its oldest idle environment became idle, by `performance.now()`; undefined if none is idle. */
  readonly oldestIdle: number | undefined;
  endOldestIdle(): void;
}

export class Capacity {
  readonly #owners = new Set<EnvironmentOwner>();
  readonly #onFree: () => void;
  readonly #starting = new Set<ExecutionEnvironment>();
  #taken = 0;

  /** @param onFree called when an environment has started or ended, because waiting events may now run */
  constructor(onFree: () => void) {
    this.#onFree = onFree;
  }

  /**
   * Makes room for another environment: if all places are taken, ends the environment that has been idle longest.
   *
   * @param isFirst whether the owner has no environment yet; its first one may start even if many others are starting
   * @returns false if too many others are starting, or if all places are taken and no environment is idle
   */
  makeRoom(owner: EnvironmentOwner, isFirst: boolean): boolean {
    this.#owners.add(owner);
    if (!isFirst && [...this.#starting].filter(isShortStart).length >= MAX_STARTING) return false;
    return this.#taken < MAX_ENVIRONMENTS || this.#endOldestIdle();
  }

  /** Gives a place to an environment that is starting. */
  take(environment: ExecutionEnvironment): void {
    this.#taken += 1;
    this.#starting.add(environment);
  }

  /** Called when an environment has started, successfully or not. */
  started(environment: ExecutionEnvironment): void {
    this.#starting.delete(environment);
    this.#onFree();
  }

  /** Frees the place of an environment that has ended. */
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
