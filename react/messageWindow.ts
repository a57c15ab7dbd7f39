import type { AuthoredEntry, User } from "@serverless-chat/client";
import { Fold, type FoldedMessage } from "@serverless-chat/client/fold";

/** The messages of a room that are in memory. An entry replaces only the objects of the messages that it changes. */
export class MessageWindow {
  readonly #fold = new Fold();
  readonly #messages = new Map<number, FoldedMessage>();
  readonly #readers = new Map<string, { user: User; seq: number }>();
  /** Positions of the messages, in order. */
  #order: number[] = [];

  /** Position of the newest entry; 0 before the first one. */
  newest = 0;

  add(entries: readonly AuthoredEntry[]): void {
    this.#fold.add([...entries]);
    let isSorted = true;
    for (const entry of entries) {
      const { seq } = entry;
      this.newest = Math.max(this.newest, seq);
      const target = entry.kind === "message" ? seq : entry.target;
      const message = this.#fold.message(target);
      if (message === undefined) continue;
      if (!this.#messages.has(target)) {
        isSorted &&= target > (this.#order.at(-1) ?? 0);
        this.#order.push(target);
      }
      this.#messages.set(target, message);
    }
    if (!isSorted) this.#order.sort((a, b) => a - b);
  }

  /** Removes the messages before a position. */
  dropBefore(first: number): void {
    this.#fold.dropBefore(first);
    const kept = this.#order.findIndex((seq) => seq >= first);
    for (const seq of this.#order.splice(0, kept < 0 ? this.#order.length : kept)) this.#messages.delete(seq);
  }

  /** Removes all but the `most` newest messages. */
  trim(most: number): void {
    const first = this.#order.at(-most);
    if (first !== undefined) this.dropBefore(first);
  }

  clear(): void {
    this.#fold.clear();
    this.#messages.clear();
    this.#order = [];
    this.newest = 0;
  }

  /** Messages in the room's order. */
  get messages(): FoldedMessage[] {
    return this.#order.map((seq) => this.#messages.get(seq) as FoldedMessage);
  }

  /** Applies a read marker. Markers only move forward. @returns how far everyone has read */
  markRead(user: User, seq: number): { user: User; seq: number }[] {
    if (seq > (this.#readers.get(user.id)?.seq ?? 0)) this.#readers.set(user.id, { user, seq });
    return [...this.#readers.values()];
  }
}
