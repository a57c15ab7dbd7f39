import type { User } from "../../protocol/entries";
import { roomKey } from "../connections/connections";
import type { Key } from "../tables/batchWrite";

/** A departure that is held back. */
export interface Held {
  user: User;
  /** The connection that ended. */
  connectionId: string;
  /** When it ended, in milliseconds since 1970. */
  at: number;
}

export function heldKey(room: string, userId: string): Key {
  return { pk: roomKey(room), sk: `GONE#${userId}` };
}
