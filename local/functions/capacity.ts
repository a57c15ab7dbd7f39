/** How many execution environments this machine carries; a laptop is not a Region. */
import { availableParallelism } from "node:os";
import type { LambdaFunction } from "./function.ts";

/** Of one function. */
export const MOST_OF_ONE_FUNCTION = 2 * availableParallelism();

/** Of all functions together. */
const MOST_OF_ALL = 24;

export class Capacity {
  readonly #functions = new Set<LambdaFunction>();
  #taken = 0;

  add(lambda: LambdaFunction): void {
    this.#functions.add(lambda);
  }

  /** Takes a place for one more environment; where all are taken, the environment that has idled longest makes room. */
  take(): boolean {
    if (this.#taken >= MOST_OF_ALL && !this.#endOldestIdle()) return false;
    this.#taken += 1;
    return true;
  }

  /** Gives a place back, and lets whoever waits for one have it. */
  give(): void {
    this.#taken -= 1;
    for (const lambda of this.#functions) lambda.startWaiting();
  }

  #endOldestIdle(): boolean {
    const [oldest] = [...this.#functions]
      .filter((lambda) => lambda.oldestIdle !== undefined)
      .sort((a, b) => (a.oldestIdle as number) - (b.oldestIdle as number));
    if (oldest === undefined) return false;
    oldest.endOldestIdle();
    this.#taken -= 1;
    return true;
  }
}
