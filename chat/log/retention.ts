/**
 * How long a log keeps its entries. An entry carries the time at which DynamoDB may delete it, so that retention costs no
 * write and no function; readers go by its age, and stop to show it a day before. What is gone leaves no trace: so a
 * position below the first entry that is kept is never taken for a hole, which a reader would fill.
 */
const DAY_MS = 24 * 3_600_000;

export class Retention {
  readonly #ms: number;

  /** @param days 0: for ever */
  constructor(days: number) {
    this.#ms = days === 0 ? Number.POSITIVE_INFINITY : days * DAY_MS;
  }

  /** When DynamoDB may delete a row that is written now, in seconds since 1970. */
  expiresAt(): number | undefined {
    return this.isEndless ? undefined : Math.ceil((Date.now() + this.#ms + DAY_MS) / 1_000);
  }

  get isEndless(): boolean {
    return this.#ms === Number.POSITIVE_INFINITY;
  }

  /** Whether what was written then, in milliseconds since 1970, is still shown. */
  keeps(at: number): boolean {
    return Date.now() - at < this.#ms;
  }
}

export const FOR_EVER = new Retention(0);
