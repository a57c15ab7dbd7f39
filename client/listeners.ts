/** Functions to call; one that throws takes nothing from the others. */
export class Listeners<Arguments extends unknown[]> {
  readonly #all = new Set<(...args: Arguments) => void>();

  /** @returns what removes it */
  add(listener: (...args: Arguments) => void): () => void {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  call(...args: Arguments): void {
    for (const listener of [...this.#all]) {
      try {
        listener(...args);
      } catch (error) {
        // It is the application's mistake, and shall be seen as one.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
