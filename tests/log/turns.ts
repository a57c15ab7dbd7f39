/**
 * Runs actors whose calls to the table take turns in an order that fast-check chooses, with answers that are lost,
 * calls that the SDK sends twice, functions that crash between any two calls, and a clock that advances.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import fc from "fast-check";
import { vi } from "vitest";
import type { Between } from "./logTable.ts";

/**
 * The fate of the call whose turn it is. `resent`: performed, and performed again in a later turn, as when the SDK
 * repeats it.
 */
type Fate = "done" | "resent" | "dies before" | "dies after";

export interface Turn {
  /** Index of the waiting actor that continues. */
  who: number;
  fate: Fate;
  /** Time that passes before the call. */
  ms: number;
}

export const turn: fc.Arbitrary<Turn> = fc.record({
  who: fc.nat(4),
  fate: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fate>("done") },
    { weight: 1, arbitrary: fc.constantFrom<Fate>("resent", "dies before", "dies after") },
  ),
  ms: fc.constantFrom(0, 0, 1, 1_000, 2_000, 2_500),
});

/** Error that ends a function where it crashes. */
export class Dead extends Error {
  override name = "Dead";
}

/** Lets one call through at a time, once every actor waits for its next call. */
export class Turns {
  readonly #turns: Turn[];
  readonly #waiting: ((turn: Turn) => void)[] = [];
  readonly #inTurns = new AsyncLocalStorage<true>();
  #active = 0;

  constructor(turns: Turn[]) {
    this.#turns = [...turns];
  }

  /** Intercepts the actors' calls to the table; other calls go through at once. */
  readonly between: Between = async (_, perform) => {
    if (!this.#inTurns.getStore()) return perform();
    const { fate } = await this.#take();
    if (fate === "dies before") throw new Dead();
    const answer = await perform();
    if (fate === "dies after") throw new Dead();
    if (fate !== "resent") return answer;
    await this.#take();
    return perform();
  };

  /** Runs these actors concurrently, each until it has finished or crashed. */
  run<T>(acts: (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> {
    this.#active = acts.length;
    return this.#inTurns.run(true, () =>
      Promise.allSettled(
        acts.map(async (act) => {
          try {
            return await act();
          } finally {
            this.#active -= 1;
            this.#next();
          }
        }),
      ),
    );
  }

  #take(): Promise<Turn> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#next();
    });
  }

  #next(): void {
    if (this.#waiting.length === 0 || this.#waiting.length < this.#active) return;
    // Once the chosen turns are used up, nothing fails anymore.
    const next = this.#turns.shift() ?? { who: 0, fate: "done", ms: 0 };
    const [resolve] = this.#waiting.splice(next.who % this.#waiting.length, 1);
    vi.setSystemTime(Date.now() + next.ms);
    resolve?.(next);
  }
}
