/**
 * Who may do what in a room. A deployment with other rules changes this file and no other: whoever joins, reads, writes
 * or moderates is asked here, before the answer and not after it.
 */

/** What a room's moderators have made of somebody; most people have no role. */
export type Role = "moderator" | "member" | "banned";

export interface Rights {
  /** Join it: be told of what is appended, ask for what was, be seen there. */
  read: boolean;
  /** Append to it. What a member may do is settled when it joins. */
  write: boolean;
  /** Delete what others wrote, invite and ban. */
  moderate: boolean;
}

/** Rooms with such a name are for those who are invited; whoever comes first moderates them. */
const PRIVATE = "private-";

export function isPrivate(room: string): boolean {
  return room.startsWith(PRIVATE);
}

export function rightsOf(room: string, role: Role | undefined): Rights {
  const isIn = role !== "banned" && (role !== undefined || !isPrivate(room));
  return { read: isIn, write: isIn, moderate: role === "moderator" };
}
