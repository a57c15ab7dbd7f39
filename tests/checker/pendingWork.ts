/** Work that an event in virtual time has started, in promises and in other threads. */
export class PendingWork {
  readonly #pending = new Set<Promise<unknown>>();

  /** Adds work that another thread may do. @returns the same promise */
  add<T>(work: Promise<T>): Promise<T> {
    const done = () => void this.#pending.delete(work);
    this.#pending.add(work);
    work.then(done, done);
    return work;
  }

  /** Resolves when no promise can continue and no other thread is working. */
  async settled(): Promise<void> {
    await nextTurn();
    while (this.#pending.size > 0) {
      await Promise.allSettled(this.#pending);
      await nextTurn();
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
