/** Closes connections that keep on sending what is no request: no client of ours does, and each costs an invocation. */
import { close } from "../connections/connectionsApi";
import type { Resource } from "../resource";
import { setBounded } from "./boundedCache";

export class BadFrames {
  readonly #posts: Resource<"DELETE">;
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** @param most of one connection, in one environment: each counts for itself, for a write would cost more than a frame */
  constructor(posts: Resource<"DELETE">, most: number) {
    this.#posts = posts;
    this.#most = most;
  }

  /** Counts one, and closes its connection when there were too many. */
  async count(connectionId: string): Promise<void> {
    const count = (this.#counts.get(connectionId) ?? 0) + 1;
    setBounded(this.#counts, connectionId, count);
    // What cannot be closed now is tried again with the next.
    if (count >= this.#most) await close(this.#posts, connectionId).catch(() => {});
  }
}
