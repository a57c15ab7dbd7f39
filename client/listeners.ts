/** The application's callbacks. One that throws doesn't keep the others from being called. */
export class Listeners<Arguments extends unknown[]> {
  readonly #all = new Set<(...args: Arguments) => void>();

  /** @returns a function that removes the listener */
  add(listener: (...args: Arguments) => void): () => void {
    // A function that was added twice is called twice.
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
        // Reported as an uncaught error: it's a bug in the application.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
