/**
 * What one person's frames may cost, across all functions and environments. A frame costs a point; one that reads or
 * posts to many costs ten (`EXPENSIVE`). An environment counts ten points before it writes them down: so a frame costs
 * a tenth of a write unit, an expensive one a whole one, and twice that while the bucket is not empty.
 */
import type { Resource } from "../resource";
import { setBounded } from "./boundedCache";
import type { Rate } from "./limits";
import { SharedRate } from "./sharedRate";

/** Points of a frame that reads or posts to many. */
export const EXPENSIVE = 10;

/** Points that an environment counts before it writes them down. */
const WRITTEN_AT = 10;

export class FrameBudget {
  readonly #bucket: SharedRate;
  readonly #unwritten = new Map<string, number>();

  /** @param rate points a second, and at once */
  constructor(table: Resource<"UpdateItem">, rate: Rate) {
    this.#bucket = new SharedRate(table, "frames", rate);
  }

  /** Tells without any call who was refused and has not waited. @returns the milliseconds to wait, else 0 */
  refusedMs(userId: string): number {
    return this.#bucket.refusedMs(userId);
  }

  /** Tells whether somebody comes again though a refusal has told them to wait. */
  isIgnored(userId: string): boolean {
    return this.#bucket.isIgnored(userId);
  }

  /** Tells whether somebody is kept out, as far as this environment has seen. */
  isClosed(userId: string): boolean {
    return this.#bucket.isClosed(userId);
  }

  /** @returns 0 when the person may go on; else the milliseconds to wait */
  async take(userId: string, points: number): Promise<number> {
    const refusedMs = this.refusedMs(userId);
    if (refusedMs > 0) return refusedMs;
    const owed = (this.#unwritten.get(userId) ?? 0) + points;
    setBounded(this.#unwritten, userId, owed < WRITTEN_AT ? owed : 0);
    return owed < WRITTEN_AT ? 0 : this.#bucket.take(userId, owed);
  }
}
