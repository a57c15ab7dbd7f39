/**
 * How long a log keeps its entries. An entry stores the time at which DynamoDB may delete it, so retention costs no
 * write and no function. Readers go by the entry's age, and stop showing it a day before that time. Entries that
 * DynamoDB has deleted leave no trace, so a position below the first kept entry must never be mistaken for a hole,
 * which a reader would fill.
 */
const DAY_MS = 24 * 3_600_000;

export class Retention {
  readonly #ms: number;

  /** @param days 0 means forever */
  constructor(days: number) {
    this.#ms = days === 0 ? Number.POSITIVE_INFINITY : days * DAY_MS;
  }

  /** When DynamoDB may delete a row written now, in seconds since 1970; undefined for never. */
  expiresAt(): number | undefined {
    return this.isEndless ? undefined : Math.ceil((Date.now() + this.#ms + DAY_MS) / 1_000);
  }

  get isEndless(): boolean {
    return this.#ms === Number.POSITIVE_INFINITY;
  }

  /** Whether an entry written at this time, in milliseconds since 1970, is still shown. */
  keeps(at: number): boolean {
    return Date.now() - at < this.#ms;
  }
}

export const FOR_EVER = new Retention(0);
