import type { AppendStore, StoredAppend } from "../../../client/index.ts";

/** A store that outlives the clients that use it. A test can look into it and make it fail. */
export class VirtualStore implements AppendStore {
  /** Messages by id. */
  readonly appends = new Map<string, StoredAppend>();
  /** The error with which calls of each method fail. */
  failing: { load?: Error; put?: Error; remove?: Error } = {};

  async load(): Promise<StoredAppend[]> {
    if (this.failing.load !== undefined) throw this.failing.load;
    // The order differs from that of the puts, because a database returns rows by key.
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

  /** Texts of the stored messages, sorted by `order`; an append without a text is named by its action. */
  get texts(): string[] {
    return [...this.appends.values()]
      .sort((a, b) => a.order - b.order)
      .map(({ append }) => ("text" in append ? append.text : append.action));
  }
}
