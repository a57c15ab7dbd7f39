import type { Dice } from "./chance.ts";
import type { RetryQuota } from "./retryQuota.ts";

/** One event and the function's work on it. */
export class Invocation {
  /** Describes the invocation's origin. All of its dice are named after this key. */
  readonly key: string;
  readonly quota: RetryQuota;
  readonly #newDice: () => Dice;
  #dice: Dice | undefined;
  /** Number of calls of each kind so far. */
  readonly #calls = new Map<string, number>();
  /** Reason why a call was last retried, by the SDK's own id of the call. */
  readonly retries = new Map<string, { last: "throttling" | "other" | undefined }>();
  /**
   * Whether it was killed or has timed out, so that nothing else that its code does counts. The caller may learn of
   * this later.
   */
  isStopped = false;
  /** Whether it has answered or failed. */
  isOver = false;
  /** Reason why INTERNAL or an error is a legitimate answer, for example that a call failed on each attempt. */
  excuse: string | undefined;
  /** Number of batches that DynamoDB processed only in part. */
  handedBack = 0;
  /** Number of its positions that another invocation filled. */
  lostPositions = 0;
  /** Ends the invocation with an error, as when its environment crashes. */
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

  /** Counts a call of one kind. @returns its number among these calls */
  count(sort: string): number {
    const count = (this.#calls.get(sort) ?? 0) + 1;
    this.#calls.set(sort, count);
    return count;
  }
}
