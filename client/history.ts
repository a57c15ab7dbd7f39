/** A room's past, page by page, from the newest entries to the first. */
import type { AuthoredEntry } from "../protocol/entries.ts";
import type { Page } from "../protocol/responses.ts";
import { pause } from "./clock.ts";
import type { Clock } from "./options.ts";

export interface HistoryPage {
  /** Oldest first. */
  entries: AuthoredEntry[];
  /** There is nothing before them. */
  isFirst: boolean;
}

export class History implements AsyncIterable<HistoryPage> {
  readonly #clock: Clock;
  readonly #fetch: (before: number | undefined) => Promise<Page>;
  #before: number | undefined;
  #isOver: boolean;

  /** @param before the position to go back from @default the newest */
  constructor(clock: Clock, fetch: (before: number | undefined) => Promise<Page>, before: number | undefined) {
    this.#clock = clock;
    this.#fetch = fetch;
    this.#before = before;
    this.#isOver = before === 1;
  }

  /** @returns undefined after the first page of the room @throws ChatError; it may be called again then */
  async next(): Promise<HistoryPage | undefined> {
    if (this.#isOver) return undefined;
    let page = await this.#fetch(this.#before);
    // Near its end a log may have a position that is still being written; what stands above it would be left out.
    while (page.retryAfterMs !== undefined) {
      await pause(this.#clock, page.retryAfterMs);
      page = await this.#fetch(this.#before);
    }
    this.#before = page.from;
    this.#isOver = !page.more;
    return { entries: page.entries, isFirst: this.#isOver };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HistoryPage> {
    for (let page = await this.next(); page !== undefined; page = await this.next()) yield page;
  }
}
