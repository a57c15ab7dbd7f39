import type { Page } from "../../protocol/responses.ts";
import { isShown } from "../entryKinds.ts";
import type { History, HistoryPage } from "./room.ts";

export class PagedHistory implements History {
  readonly #pause: (ms: number) => Promise<void>;
  readonly #fetch: (before: number | undefined) => Promise<Page>;
  #before: number | undefined;
  #isOver: boolean;

  /** @param before the first page ends before this position @default the first page ends with the newest entry */
  constructor(
    pause: (ms: number) => Promise<void>,
    fetch: (before: number | undefined) => Promise<Page>,
    before: number | undefined,
  ) {
    this.#pause = pause;
    this.#fetch = fetch;
    this.#before = before;
    this.#isOver = before === 1;
  }

  async next(): Promise<HistoryPage | undefined> {
    if (this.#isOver) return undefined;
    let page = await this.#fetch(this.#before);
    // A position near the end of the log may not have been written yet. The page then stops before that position, so
    // the page is requested again.
    while (page.retryAfterMs !== undefined) {
      await this.#pause(page.retryAfterMs);
      page = await this.#fetch(this.#before);
    }
    this.#before = page.from;
    this.#isOver = !page.more;
    return { entries: page.entries.filter(isShown), isFirst: this.#isOver };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HistoryPage> {
    for (let page = await this.next(); page !== undefined; page = await this.next()) yield page;
  }
}
