/**
 * Permissions in rooms. To use different rules, change only this file: every join, read, write and moderation action is
 * checked here first.
 */

/** The role that the room's moderators gave to a person; most people have none. */
export type Role = "moderator" | "member" | "banned";

export interface Rights {
  /** Permission to join: to receive new entries, request earlier ones, and be listed as a member. */
  read: boolean;
  /** Permission to append. It is evaluated when a member joins. */
  write: boolean;
  /** Permission to delete others' messages, invite and ban. */
  moderate: boolean;
}

/** Prefix of the names of rooms that only invited people may join; the first member moderates the room. */
const PRIVATE = "private-";

export function isPrivate(room: string): boolean {
  return room.startsWith(PRIVATE);
}

export function rightsOf(room: string, role: Role | undefined): Rights {
  const isIn = role !== "banned" && (role !== undefined || !isPrivate(room));
  return { read: isIn, write: isIn, moderate: role === "moderator" };
}
