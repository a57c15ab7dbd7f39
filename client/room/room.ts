/** The application's view of a room. */
import type { AuthoredEntry, User } from "../../protocol/entries.ts";
import type { Reset } from "../../protocol/responses.ts";
import type { ChatError } from "../errors.ts";
import type { Outgoing } from "../outbox/outgoing.ts";

export interface Room {
  /** The name in Unicode's composed form (NFC), so that two encodings of one name are the same room. */
  readonly name: string;

  /** Messages that aren't acknowledged yet, in order, and those that have failed. */
  readonly outgoing: readonly Outgoing[];

  /**
   * Follows the room and joins it if necessary. Entries arrive in order and without gaps: first the newest page or,
   * with `after`, everything after that position. If the room has a subscription already, another one gets only the
   * entries that arrive from then on.
   *
   * @param options.after position of the last entry that you have, 0 for the whole log
   */
  subscribe(listener: RoomListener, options?: { after?: number }): Subscription;

  /** Leaves the room and ends its subscriptions. `rooms()` no longer lists it. @throws ChatError */
  leave(): Promise<void>;

  /** Sends a message, which appears in `outgoing` at once. */
  send(text: string, options?: { replyTo?: number }): Outgoing;

  /** Replaces the text of your own message. @param target the message's position */
  edit(target: number, text: string): Outgoing;

  /** Deletes your own message, or anyone's if you are a moderator. @param target the message's position */
  delete(target: number): Outgoing;

  /** Reacts to a message. @param on false removes the reaction @default true */
  react(target: number, emoji: string, on?: boolean): Outgoing;

  /**
   * Pages back through the room's past.
   *
   * @param options.before position to start before
   * @param options.limit entries per page, 1 to 100
   */
  history(options?: { before?: number; limit?: number }): History;

  /** People who are connected to the room now, at most 100. @throws ChatError */
  members(): Promise<{ members: User[]; more: boolean }>;

  /**
   * Invites a person, identified by the `user.id` of their entries. Only moderators of a private room may do this.
   *
   * @param options.moderator whether the person becomes a moderator, who may invite others @default false
   * @throws ChatError
   */
  invite(user: string, options?: { moderator?: boolean }): Promise<void>;

  /** Bans a person from the room. Only moderators may do this. @throws ChatError */
  ban(user: string): Promise<void>;

  /**
   * Tells the others that the user is typing, or has stopped. Typing expires after 10 s, so repeat this every few
   * seconds. The report may be lost.
   */
  typing(typing: boolean): void;

  /** Reports how far the user has read. The marker only moves forward. The report may be lost. */
  markRead(seq: number): void;
}

/** Events of a room. */
export interface RoomListener {
  /** The next entries of the room's log, in order and without gaps. */
  entries?(entries: AuthoredEntry[]): void;
  /** The entries so far are no longer valid: clear what you show. The newest page follows. */
  reset?(reset: Reset): void;
  /** `outgoing` has changed. */
  outgoing?(appends: readonly Outgoing[]): void;
  presence?(change: { user: User; online: boolean }): void;
  /**
   * A person is typing, or has stopped. Sending a message, or not repeating `typing(true)` within 10 s, counts as
   * stopping.
   */
  typing?(change: { user: User; typing: boolean }): void;
  read?(marker: { user: User; seq: number }): void;
  /** The room can't be read, so the subscription has ended. Subscribe again to retry. */
  error?(error: ChatError): void;
}

export interface Subscription {
  /** Ends the subscription. After the last one has ended, the room is no longer followed. */
  unsubscribe(): void;
}

/** A room's past, page by page, from the newest entries to the first. */
export interface History extends AsyncIterable<HistoryPage> {
  /**
   * @returns undefined when there is nothing earlier
   * @throws ChatError; the call can be repeated
   */
  next(): Promise<HistoryPage | undefined>;
}

export interface HistoryPage {
  /** Entries, oldest first. */
  entries: AuthoredEntry[];
  /** Whether nothing precedes these entries. */
  isFirst: boolean;
}
