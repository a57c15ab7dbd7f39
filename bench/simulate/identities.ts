/** Ids from the simulation's random generator, which are the same in each run. */
import type { Dice } from "../../tests/checker/chance.ts";

function hex(dice: Dice, digits: number): string {
  return Array.from({ length: digits }, () => Math.floor(dice.next() * 16).toString(16)).join("");
}

/** An id in API Gateway's format. */
export function connectionIdBy(dice: Dice): string {
  return `${hex(dice, 15)}=`;
}

/** An id in Cognito's format. */
export function userIdBy(dice: Dice): string {
  return [8, 4, 4, 4, 12].map((digits) => hex(dice, digits)).join("-");
}
