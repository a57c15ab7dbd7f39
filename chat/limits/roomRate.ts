import { setBounded } from "./boundedCache";
import type { Rate } from "./limits";
import { MIN_WAIT_MS } from "./waiting";

/**
 * Limits how fast a room's log grows, measured by the positions that appends get: these count the appends of all
 * environments and need no additional write. Each environment goes by the positions of its own appends.
 */
export class RoomRate {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #rooms = new Map<string, { seq: number; at: number; level: number }>();

  constructor({ perSecond, burst }: Rate) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
  }

  /** @returns 0 if an append is allowed; otherwise milliseconds to wait */
  waitMs(room: string): number {
    const known = this.#rooms.get(room);
    if (known === undefined) return 0;
    const level = known.level - (Date.now() - known.at) * this.#perMs;
    return level < this.#burst ? 0 : Math.max(MIN_WAIT_MS, Math.ceil((level - this.#burst) / this.#perMs));
  }

  /** Records a position that the room has just assigned. */
  saw(room: string, seq: number): void {
    const at = Date.now();
    const known = this.#rooms.get(room) ?? { seq: seq - 1, at, level: 0 };
    // Adds the positions since the last recorded one, from all environments, and subtracts what has drained.
    const level = Math.max(0, known.level + Math.max(0, seq - known.seq) - (at - known.at) * this.#perMs);
    setBounded(this.#rooms, room, { seq: Math.max(seq, known.seq), at, level });
  }
}
