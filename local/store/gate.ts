/** Runs calls concurrently, except for those that must run alone. */
export class Gate {
  #passing = 0;
  #alone: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;

  /** Runs work concurrently with other work, as soon as no exclusive call is running. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    this.#passing += 1;
    try {
      return await work();
    } finally {
      this.#passing -= 1;
      if (this.#passing === 0) this.#whenEmpty?.();
    }
  }

  /** Runs work exclusively: waits for the running calls, and makes later ones wait. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    let open = () => {};
    this.#alone = new Promise((resolve) => {
      open = resolve;
    });
    try {
      if (this.#passing > 0) {
        await new Promise<void>((resolve) => {
          this.#whenEmpty = resolve;
        });
      }
      return await work();
    } finally {
      this.#whenEmpty = undefined;
      this.#alone = undefined;
      open();
    }
  }
}
