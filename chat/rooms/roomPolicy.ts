/**
 * Rights in rooms. To deploy other rules, change this file only: every join, read, write and moderation is checked here
 * first.
 */

/** Role that moderators of a room gave to a person; most people have none. */
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
