/**
 * Brings a room's entries to the application in their order, each once and none left out: a push is a hint, what
 * counts is the cursor on the room's log. On a gap it waits for a moment, since pushes overtake each other, then it
 * asks for the range.
 */
import type { AuthoredEntry, Entry } from "../../protocol/entries.ts";
import type { Page, Reset } from "../../protocol/responses.ts";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { pause } from "../clock.ts";
import { isShown } from "../entryKinds.ts";
import { ChatError } from "../errors.ts";

/** What is missing may be under way. */
const GAP_MS = 250;

/** Pushes that are kept while something before them is missing; the log has the others. */
const MOST_WAITING = 1_000;

export interface DeliveryArgs {
  clock: Clock;
  /** A page after a cursor, or the newest without one. @throws ChatError */
  fetch: (after: number | undefined) => Promise<Page | Reset>;
  onEntries: (entries: AuthoredEntry[]) => void;
  onReset: (reset: Reset) => void;
  /** What was lost cannot be asked for. */
  onError: (error: ChatError) => void;
}

export class Delivery {
  readonly #args: DeliveryArgs;
  readonly #backoff: Backoff;
  /** By position: pushes that have come too early. */
  readonly #waiting = new Map<number, Entry>();
  /** The last position that was brought to the application; none before the first page. */
  #cursor: number | undefined;
  /** A position that is known to be given out. */
  #head = 0;
  #repairing = false;
  #stopped = false;

  /** @param after the cursor to go on from */
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

  /** Takes a push. */
  push(entries: Entry[]): void {
    for (const entry of entries) {
      this.#head = Math.max(this.#head, entry.seq);
      if (entry.seq > (this.#cursor ?? 0) && this.#waiting.size < MOST_WAITING) this.#waiting.set(entry.seq, entry);
    }
    this.#deliverWaiting();
    if (this.#isBehind()) void this.#repair(GAP_MS);
  }

  /** Takes what a server says of the log's end. */
  reach(head: number, waitMs = GAP_MS): void {
    this.#head = Math.max(this.#head, head);
    if (this.#isBehind()) void this.#repair(waitMs);
  }

  /** Takes a page that goes on from the cursor, or the first one. */
  take(page: Page): void {
    this.#cursor ??= page.from - 1;
    const entries = page.entries.filter(({ seq }) => seq > (this.#cursor as number));
    this.#cursor = Math.max(this.#cursor, page.through);
    this.#deliver(entries);
    this.#deliverWaiting();
    this.reach(page.head, page.retryAfterMs ?? 0);
  }

  /** The cursor belongs to no log any more: says so, and begins anew. */
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
        // The position after the page is not settled yet.
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
