/** What applications do with a room. */
import type { AuthoredEntry, User } from "../../protocol/entries.ts";
import type { Reset } from "../../protocol/responses.ts";
import type { ChatError } from "../errors.ts";
import type { Outgoing } from "../outbox/outgoing.ts";

export interface Room {
  /** In Unicode's composed form: two encodings of one name are one room. */
  readonly name: string;

  /** What is not acknowledged yet, in order, and what was given up. */
  readonly outgoing: readonly Outgoing[];

  /**
   * Follows the room: entries come in order and none is left out, first the newest page or, with a cursor, all that
   * came after it. Who subscribes to a room that is followed already gets what comes from then on.
   *
   * @param options.after the position of the last entry that one has, 0 for all of the log
   */
  subscribe(listener: RoomListener, options?: { after?: number }): Subscription;

  /** Leaves the room: nothing of it comes any more, and it goes from the list of rooms. @throws ChatError */
  leave(): Promise<void>;

  /** Sends a message; it is on the list of what is outgoing at once. */
  send(text: string, options?: { replyTo?: number }): Outgoing;

  /** Gives a message of one's own another text. */
  edit(target: number, text: string): Outgoing;

  /** Takes a message of one's own back. */
  delete(target: number): Outgoing;

  /** Reacts to a message. @param on false takes the reaction back @default true */
  react(target: number, emoji: string, on?: boolean): Outgoing;

  /** The room's past, back from a position or from the newest entry. @param options.limit entries of a page, 1 to 100 */
  history(options?: { before?: number; limit?: number }): History;

  /** Who is here now, 100 people at most. @throws ChatError */
  members(): Promise<{ members: User[]; more: boolean }>;

  /** Tells the others that one is writing; it may be lost. */
  typing(typing: boolean): void;

  /** Says how far one has read; it may be lost, and only goes forward. */
  markRead(seq: number): void;
}

/** What happens in a room; each is called as often as it happens. */
export interface RoomListener {
  /** The next entries of the room's log, in order, none left out. */
  entries?(entries: AuthoredEntry[]): void;
  /** The entries so far belong to no log any more: what follows begins anew. */
  reset?(reset: Reset): void;
  /** What is on its way, in order, has changed. */
  outgoing?(appends: readonly Outgoing[]): void;
  presence?(change: { user: User; online: boolean }): void;
  typing?(change: { user: User; typing: boolean }): void;
  read?(marker: { user: User; seq: number }): void;
  /** The room cannot be read, and will not be tried again by itself. */
  error?(error: ChatError): void;
}

export interface Subscription {
  /** Ends it; when it was the room's last, the room is not followed any more. */
  unsubscribe(): void;
}

/** A room's past, page by page, from the newest entries to the first. */
export interface History extends AsyncIterable<HistoryPage> {
  /** @returns undefined after the first page of the room @throws ChatError; it may be called again then */
  next(): Promise<HistoryPage | undefined>;
}

export interface HistoryPage {
  /** Oldest first. */
  entries: AuthoredEntry[];
  /** There is nothing before them. */
  isFirst: boolean;
}
