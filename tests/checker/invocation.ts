import type { Dice } from "./chance.ts";
import type { RetryQuota } from "./retryQuota.ts";

/** One event and what a function does about it. */
export class Invocation {
  /** Says where it comes from; the dice of all that happens in it fall by it. */
  readonly key: string;
  readonly quota: RetryQuota;
  readonly #newDice: () => Dice;
  #dice: Dice | undefined;
  /** How many calls of each sort it has made. */
  readonly #calls = new Map<string, number>();
  /** By the SDK's own id of a call, what its last retry was for. */
  readonly retries = new Map<string, { last: "throttling" | "other" | undefined }>();
  /** It goes no further, and nobody knows yet. */
  isStopped = false;
  /** It has answered, or failed. */
  isOver = false;
  /** Why an INTERNAL or an error is the right answer: a call that failed at each of its attempts, say. */
  excuse: string | undefined;
  /** Batches that DynamoDB did not do whole. */
  handedBack = 0;
  /** Its positions that another invocation filled. */
  lostPositions = 0;
  /** Ends it as an environment that crashes does. */
  fail: (why: string) => void = () => {};

  constructor(key: string, quota: RetryQuota, newDice: () => Dice) {
    this.key = key;
    this.quota = quota;
    this.#newDice = newDice;
  }

  random(): number {
    this.#dice ??= this.#newDice();
    return this.#dice.next();
  }

  /** Counts a call of a sort. @returns which one of it this is */
  count(sort: string): number {
    const count = (this.#calls.get(sort) ?? 0) + 1;
    this.#calls.set(sort, count);
    return count;
  }
}
