/** Frames from server to client. */
import type { AuthoredEntry, Entry, User } from "./entries";
import type { ErrorFrame } from "./errors";

/** The answer to `hello`. */
export interface ReadyFrame {
  type: "ready";
  id: string;
  connectionId: string;
  user: User;
  /** When the connection's token expires, in milliseconds since 1970. */
  expiresAt: number;
  /** The same as a duration in milliseconds, for clients whose clock is wrong. */
  expiresInMs: number;
  limits: { textBytes: number; frameBytes: number; pageEntries: number; rooms: number };
  /** What the server knows beyond the first version of chat.v1. */
  features: string[];
  /** The room of every connection, and of a frame that names none; absent where the stack has none. */
  lobby?: string;
  /** By room that the connection is in now, the last position that was given out. */
  heads: Record<string, number>;
  /** Rooms whose cursor does not belong to their log. */
  resets?: Reset[];
}

/** A cursor that no log of the room has: the reader has to begin anew. */
export interface Reset {
  room: string;
  head: number;
  /** `ahead`: the log ends before the cursor. `behind`: what came after the cursor is no longer kept. */
  reason: "ahead" | "behind";
}

/**
 * Pushed to the members of a room: new entries of its log, in order. Pushes may be lost or repeated; the log is what counts.
 */
export interface EventFrame {
  type: "event";
  room: string;
  entries: Entry[];
}

/** Positions of a log, in order. */
export interface Page {
  room: string;
  /** Void positions are left out. */
  entries: AuthoredEntry[];
  /** First position that the page covers. */
  from: number;
  /** Last position that the page covers; `from - 1` when it covers none. Every position between is settled. */
  through: number;
  /** Last position that was given out in the room. */
  head: number;
  /** There are further positions in the direction of the page. */
  more: boolean;
  /** The next position is not settled yet: ask again after this many milliseconds. */
  retryAfterMs?: number;
}

/** The answer to `getHistory`. */
export interface PageFrame extends Page {
  type: "page";
  id: string;
}

/** The answer to `getHistory` with a cursor that the log does not have. */
export interface ResetFrame extends Reset {
  type: "reset";
  id: string;
}

/** The request with this id is done, and what it wrote is durable. */
export interface AckFrame {
  type: "ack";
  id: string;
  seq?: number;
  sentAt?: number;
  /** The first attempt with this id had done it already. */
  duplicate?: true;
  /** When a refreshed token expires, in milliseconds since 1970. */
  expiresAt?: number;
  /** The same as a duration in milliseconds, for clients whose clock is wrong. */
  expiresInMs?: number;
  /** First page of a room that was joined. */
  page?: Page;
  /** Present for a room that was joined with a cursor beyond the end of its log. */
  reset?: Reset;
}

/** Presence in a room: the whole list as an answer, or one change. */
export type PresenceFrame =
  | { type: "presence"; id: string; room: string; members: User[]; more: boolean }
  | { type: "presence"; room: string; user: User; online: boolean };

/** Pushed to the other members of a small room: somebody is typing, or has stopped. */
export interface TypingFrame {
  type: "typing";
  room: string;
  user: User;
  typing: boolean;
}

/** A person's read marker. */
export interface ReadFrame {
  type: "read";
  room: string;
  user: User;
  seq: number;
}

/** The answer to `listRooms`. */
export interface RoomsFrame {
  type: "rooms";
  id: string;
  /**
   * `unread` counts other people's messages after `read` that were not deleted, 100 at most; `unreadMore` says that
   * there are more, or may be.
   */
  rooms: { room: string; head: number; read: number; unread: number; unreadMore?: true }[];
  more: boolean;
}

/** The answer to `ping`. */
export interface PongFrame {
  type: "pong";
  id: string;
  /** Heads of the named rooms that the connection is in. */
  heads?: Record<string, number>;
}

/** The server ends the connection, or will: come back after this many milliseconds. */
export interface ByeFrame {
  type: "bye";
  reason: string;
  retryAfterMs: number;
}

/** Every frame that a server sends, by its `type`. */
export type ServerFrame =
  | ReadyFrame
  | AckFrame
  | ErrorFrame
  | EventFrame
  | PageFrame
  | ResetFrame
  | PresenceFrame
  | TypingFrame
  | ReadFrame
  | RoomsFrame
  | PongFrame
  | ByeFrame;
