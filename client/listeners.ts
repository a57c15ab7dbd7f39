/** Functions of the application to call; one that throws takes nothing from the others. */
export class Listeners<Arguments extends unknown[]> {
  readonly #all = new Set<(...args: Arguments) => void>();

  /** @returns what removes it */
  add(listener: (...args: Arguments) => void): () => void {
    // A function may be added twice, and is then called twice.
    const own = (...args: Arguments) => listener(...args);
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  get size(): number {
    return this.#all.size;
  }

  clear(): void {
    this.#all.clear();
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
