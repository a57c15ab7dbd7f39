/**
 * Remembers how a large room's members were divided among invocations. The next entry is then handed over to the other
 * invocations immediately, and each member is read only once, by the invocation that posts to it.
 */
import { setBounded } from "../limits/boundedCache";
import { EVERY_MEMBER, type MemberRange } from "../rooms/members";

/** Ranges that together contain every member, including those who join later. */
export interface Division {
  /** The range that the dividing invocation posts to. */
  own: MemberRange;
  others: MemberRange[];
}

/**
 * Time for which a division is used, in milliseconds. It is short because members who join in the meantime make the
 * ranges longer.
 */
const KEPT_MS = 10_000;

const divisions = new Map<string, { division: Division; until: number }>();

/** @returns undefined if this environment hasn't divided the room lately */
export function divisionOf(room: string): Division | undefined {
  const known = divisions.get(room);
  return known !== undefined && Date.now() < known.until ? known.division : undefined;
}

/**
 * Remembers how a room has just been divided. The last range is extended, so that it contains members who join with a
 * later key.
 *
 * @param ownLast key of the last member in the invocation's own range
 * @param others the ranges after it, in order, up to the last member
 */
export function rememberDivision(room: string, ownLast: string, others: MemberRange[]): void {
  const last = others.at(-1);
  if (last === undefined) return;
  const division = {
    own: { ...EVERY_MEMBER, through: ownLast },
    others: [...others.slice(0, -1), { ...last, through: EVERY_MEMBER.through }],
  };
  setBounded(divisions, room, { division, until: Date.now() + KEPT_MS });
}
