/**
 * Delivers a room's entries to the application in order, each exactly once. A push is only a hint; what counts is the
 * cursor on the room's log. When positions are missing, this waits a moment, because pushes can overtake each other,
 * and then fetches the missing entries.
 */
import type { AuthoredEntry, Entry } from "../../protocol/entries.ts";
import type { Page, Reset } from "../../protocol/responses.ts";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { pause } from "../clock.ts";
import { isShown } from "../entryKinds.ts";
import { ChatError } from "../errors.ts";

/** Time to wait for a missing push. */
const GAP_MS = 250;

/** Maximum number of early pushes kept while an earlier position is missing. The rest is fetched from the log. */
const MAX_WAITING = 1_000;

export interface DeliveryArgs {
  clock: Clock;
  /** Fetches the page after a cursor, or the newest page without one. @throws ChatError */
  fetch: (after: number | undefined) => Promise<Page | Reset>;
  onEntries: (entries: AuthoredEntry[]) => void;
  onReset: (reset: Reset) => void;
  /** Called when missing entries can't be fetched. */
  onError: (error: ChatError) => void;
}

export class Delivery {
  readonly #args: DeliveryArgs;
  readonly #backoff: Backoff;
  /** Pushes that arrived early, by position. */
  readonly #waiting = new Map<number, Entry>();
  /** The last position that was delivered; undefined before the first page. */
  #cursor: number | undefined;
  /** Last known position of the log. */
  #head = 0;
  #repairing = false;
  #stopped = false;

  /** @param after the cursor to start from */
  constructor(args: DeliveryArgs, after: number | undefined) {
    this.#args = args;
    this.#backoff = new Backoff(args.clock);
    this.#cursor = after;
  }

  get cursor(): number | undefined {
    return this.#cursor;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Handles a push. */
  push(entries: Entry[]): void {
    for (const entry of entries) {
      this.#head = Math.max(this.#head, entry.seq);
      if (entry.seq > (this.#cursor ?? 0) && this.#waiting.size < MAX_WAITING) this.#waiting.set(entry.seq, entry);
    }
    this.#deliverWaiting();
    if (this.#isBehind()) void this.#repair(GAP_MS);
  }

  /** Handles the last position of the log, as the server reports it. */
  reach(head: number, waitMs = GAP_MS): void {
    this.#head = Math.max(this.#head, head);
    if (this.#isBehind()) void this.#repair(waitMs);
  }

  /** Handles the first page, or one that continues at the cursor. */
  take(page: Page): void {
    this.#cursor ??= page.from - 1;
    const entries = page.entries.filter(({ seq }) => seq > (this.#cursor as number));
    this.#cursor = Math.max(this.#cursor, page.through);
    this.#deliver(entries);
    this.#deliverWaiting();
    this.reach(page.head, page.retryAfterMs ?? 0);
  }

  /** Starts over, because the cursor is no longer valid. */
  reset(reset: Reset): void {
    this.#waiting.clear();
    this.#cursor = undefined;
    this.#head = reset.head;
    this.#args.onReset(reset);
    void this.#repair(0);
  }

  #isBehind(): boolean {
    return this.#cursor !== undefined && this.#cursor < this.#head;
  }

  async #repair(waitMs: number): Promise<void> {
    if (this.#repairing) return;
    this.#repairing = true;
    const { clock, fetch, onError } = this.#args;
    try {
      if (waitMs > 0) await pause(clock, waitMs);
      while (!this.#stopped && (this.#cursor === undefined || this.#isBehind())) {
        const cursor = this.#cursor;
        const page = await fetch(cursor);
        if (this.#stopped) return;
        this.#backoff.reset();
        if ("reason" in page) this.reset(page);
        else this.take(page);
        // The position after the page isn't settled yet.
        if (this.#isBehind() && ("retryAfterMs" in page || this.#cursor === cursor)) {
          await pause(clock, ("retryAfterMs" in page && page.retryAfterMs) || GAP_MS);
        }
      }
    } catch (thrown) {
      const error = ChatError.from(thrown, "CONNECTION_LOST");
      if (this.#stopped) return;
      if (!error.retryable) onError(error);
      else clock.after(this.#backoff.next(error.retryAfterMs), () => void this.#repair(0));
    } finally {
      this.#repairing = false;
    }
  }

  #deliverWaiting(): void {
    if (this.#cursor === undefined) return;
    const entries: Entry[] = [];
    for (
      let entry = this.#waiting.get(this.#cursor + 1);
      entry !== undefined;
      entry = this.#waiting.get(this.#cursor + 1)
    ) {
      entries.push(entry);
      this.#cursor += 1;
    }
    for (const seq of this.#waiting.keys()) if (seq <= this.#cursor) this.#waiting.delete(seq);
    this.#deliver(entries);
  }

  #deliver(entries: Entry[]): void {
    const shown = entries.filter(isShown);
    if (shown.length > 0) this.#args.onEntries(shown);
  }
}
