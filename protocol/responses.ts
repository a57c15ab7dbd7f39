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
  /** Time until the token expires, in milliseconds, for clients whose clock is wrong. */
  expiresInMs: number;
  limits: { textBytes: number; frameBytes: number; pageEntries: number; rooms: number };
  /** Features of the server beyond the first version of chat.v1. */
  features: string[];
  /**
   * The room that every connection joins, and the default for frames without a room. Undefined if the stack has none.
   */
  lobby?: string;
  /** The last claimed position of each room that the connection is in now. */
  heads: Record<string, number>;
  /** Rooms whose log doesn't have the cursor that the client sent. */
  resets?: Reset[];
}

/** Tells a reader that a room's log doesn't have the reader's cursor, so the reader must start over. */
export interface Reset {
  room: string;
  head: number;
  /** `ahead`: the log ends before the cursor. `behind`: entries after the cursor are no longer kept. */
  reason: "ahead" | "behind";
}

/**
 * Pushed to a room's members: new entries of its log, in order. Pushes may be lost or repeated; the log is
 * authoritative.
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
  /**
   * Last position that the page covers, or `from - 1` if it covers none. All covered positions are settled: each has
   * its entry, or is void for good.
   */
  through: number;
  /** The room's last claimed position. */
  head: number;
  /** Whether there are more positions in the page's direction. */
  more: boolean;
  /** Set if the next position isn't settled yet: ask again after this many milliseconds. */
  retryAfterMs?: number;
}

/** The answer to `getHistory`. */
export interface PageFrame extends Page {
  type: "page";
  id: string;
}

/** The answer to `getHistory` with a cursor that the log doesn't have. */
export interface ResetFrame extends Reset {
  type: "reset";
  id: string;
}

/** The request with this id was carried out, and its entry, if it has one, is durable. */
export interface AckFrame {
  type: "ack";
  id: string;
  seq?: number;
  sentAt?: number;
  /** Whether an earlier attempt with this id had already succeeded. */
  duplicate?: true;
  /** When a refreshed token expires, in milliseconds since 1970. */
  expiresAt?: number;
  /** Time until the refreshed token expires, in milliseconds, for clients whose clock is wrong. */
  expiresInMs?: number;
  /** First page of a joined room. */
  page?: Page;
  /** Set instead of `page` if the room was joined with a cursor that its log doesn't have. */
  reset?: Reset;
}

/** Presence in a room: either the list of people, as the answer to `listMembers`, or one change, which is pushed. */
export type PresenceFrame =
  | { type: "presence"; id: string; room: string; members: User[]; more: boolean }
  | { type: "presence"; room: string; user: User; online: boolean };

/** Pushed to the other members of a small room: a person is typing or has stopped. */
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
   * `unread` is the number of other people's messages after `read` that weren't deleted, at most 100; `unreadMore` says
   * that there are, or may be, more.
   */
  rooms: { room: string; head: number; read: number; unread: number; unreadMore?: true }[];
  more: boolean;
}

/** The answer to `ping`. */
export interface PongFrame {
  type: "pong";
  id: string;
  /** The last claimed position of each named room that the connection is in. */
  heads?: Record<string, number>;
}

/** The server closes the connection, or will soon: reconnect after `retryAfterMs`. */
export interface ByeFrame {
  type: "bye";
  reason: string;
  retryAfterMs: number;
}

/** Every frame that the server sends, by `type`. */
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
