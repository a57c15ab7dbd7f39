import { shared } from "./shared.ts";

/**
 * State outside of React, in the form that `useSyncExternalStore` expects: it follows the chat while anyone is
 * subscribed. Changes made in one task are published together, and the snapshot is a new object only if one of its
 * fields changed.
 */
export abstract class Source<Snapshot extends object> {
  #snapshot: Snapshot;
  #next: Snapshot;
  #isScheduled = false;
  readonly #listeners = new Set<() => void>();
  readonly #retain = shared(() => this.start());

  constructor(initial: Snapshot) {
    this.#snapshot = this.#next = initial;
  }

  /** Follows the chat. @returns a function that stops following it */
  protected abstract start(): () => void;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    const release = this.#retain();
    return () => {
      this.#listeners.delete(listener);
      release();
    };
  };

  readonly getSnapshot = (): Snapshot => this.#snapshot;

  /** The state with all changes, including those that aren't published yet. */
  protected get latest(): Snapshot {
    return this.#next;
  }

  protected set(changes: Partial<Snapshot>): void {
    this.#next = { ...this.#next, ...changes };
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      const fields = Object.keys(this.#next) as (keyof Snapshot)[];
      if (fields.every((field) => Object.is(this.#next[field], this.#snapshot[field]))) return;
      this.#snapshot = this.#next;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
