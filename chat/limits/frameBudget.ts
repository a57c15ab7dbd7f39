/**
 * Limits the cost of one person's frames across all functions and environments. A frame costs one point; a page of
 * history costs four (`HISTORY_PAGE`), and a frame that reads a lot or posts to many connections costs ten
 * (`EXPENSIVE`). An environment counts ten points before it writes them to the person's bucket in the table. So a frame
 * costs a tenth of a write unit and an expensive frame a whole one, and both cost twice that while the bucket isn't
 * empty.
 */
import type { Resource } from "../resource";
import { setBounded } from "./boundedCache";
import type { Rate } from "./limits";
import { SharedRate } from "./sharedRate";

/** Points for a frame that reads a lot or posts to many. */
export const EXPENSIVE = 10;

/** Points for a page of history: a client that comes back requests one for each of its rooms. */
export const HISTORY_PAGE = 4;

/** Points that an environment counts before it writes them to the table. */
const WRITTEN_AT = 10;

export class FrameBudget {
  readonly #bucket: SharedRate;
  readonly #unwritten = new Map<string, number>();

  /** @param rate points per second, and points allowed at once */
  constructor(table: Resource<"UpdateItem">, rate: Rate) {
    this.#bucket = new SharedRate(table, "frames", rate);
  }

  /**
   * Checks, without calling DynamoDB, whether this person was refused and hasn't waited long enough.
   *
   * @returns milliseconds left to wait; 0 if there is no need
   */
  refusedMs(userId: string): number {
    return this.#bucket.refusedMs(userId);
  }

  /**
   * Returns whether this person has ignored a refusal: had time to receive it, and still sends before the time that it
   * named.
   */
  isIgnored(userId: string): boolean {
    return this.#bucket.isIgnored(userId);
  }

  /** Returns whether this person is barred, as far as this environment knows. */
  isClosed(userId: string): boolean {
    return this.#bucket.isClosed(userId);
  }

  /** @returns 0 if the person may continue; otherwise milliseconds to wait */
  async take(userId: string, points: number): Promise<number> {
    const refusedMs = this.refusedMs(userId);
    if (refusedMs > 0) return refusedMs;
    const owed = (this.#unwritten.get(userId) ?? 0) + points;
    setBounded(this.#unwritten, userId, owed < WRITTEN_AT ? owed : 0);
    return owed < WRITTEN_AT ? 0 : this.#bucket.take(userId, owed);
  }
}
