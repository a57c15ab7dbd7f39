import type { AppendStore, StoredAppend } from "../../../client/index.ts";

/** Outlives the clients that use it; a test may look into it, and have it fail. */
export class VirtualStore implements AppendStore {
  /** By id. */
  readonly appends = new Map<string, StoredAppend>();
  /** Why the next calls fail. */
  failing: { load?: Error; put?: Error; remove?: Error } = {};

  async load(): Promise<StoredAppend[]> {
    if (this.failing.load !== undefined) throw this.failing.load;
    // In no order: a database gives what it has by its keys.
    return [...this.appends.values()].reverse().map((append) => structuredClone(append));
  }

  async put(append: StoredAppend): Promise<void> {
    if (this.failing.put !== undefined) throw this.failing.put;
    this.appends.set(append.id, structuredClone(append));
  }

  async remove(id: string): Promise<void> {
    if (this.failing.remove !== undefined) throw this.failing.remove;
    this.appends.delete(id);
  }

  /** In the order of their `order`. */
  get texts(): string[] {
    return [...this.appends.values()]
      .sort((a, b) => a.order - b.order)
      .map(({ append }) => ("text" in append ? append.text : append.action));
  }
}
