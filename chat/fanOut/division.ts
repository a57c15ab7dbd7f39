/**
 * Remembers how a large room's members were divided among invocations, so that the next entry is handed over at once
 * and its members are read only once, by the invocations that post to them.
 */
import { setBounded } from "../limits/boundedCache";
import { EVERY_MEMBER, type MemberRange } from "../rooms/members";

/** Ranges that together contain every member, whoever joins later. */
export interface Division {
  /** The range that the sender's invocation posts to. */
  own: MemberRange;
  others: MemberRange[];
}

/** For how long a division is used, in milliseconds: meanwhile, members who join make its ranges longer. */
const KEPT_MS = 10_000;

const divisions = new Map<string, { division: Division; until: number }>();

/** @returns undefined if the room hasn't been divided lately, by this environment */
export function divisionOf(room: string): Division | undefined {
  const known = divisions.get(room);
  return known !== undefined && Date.now() < known.until ? known.division : undefined;
}

/**
 * Remembers how a room has just been divided. Its last range is extended to members who join after the last key.
 *
 * @param ownLast key of the last member in the sender's own range
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
