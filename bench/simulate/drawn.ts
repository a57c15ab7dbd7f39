import type { Dice } from "../../tests/checker/chance.ts";

/** Draws a latency with this mean: most are slightly shorter, a few are much longer. */
export function drawn(dice: Dice, meanMs: number): number {
  return meanMs * (0.6 - 0.4 * Math.log(1 - dice.next()));
}
