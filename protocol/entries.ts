/** What stands in a room's log. */

/** A stable subject, and the name to show for it. */
export interface User {
  id: string;
  name: string;
}

interface Position {
  /** Place in the room's order, from 1, without gaps. */
  seq: number;
}

interface Authored extends Position {
  /** The request id of the author's frame. */
  id: string;
  user: User;
  /** The server's time, in milliseconds since 1970. */
  sentAt: number;
  /** Its content was erased for good: by a deletion, or by an operator, who erases the author's name, too. */
  erased?: true;
}

/** A message. */
export interface MessageEntry extends Authored {
  kind: "message";
  text: string;
  /** The position of a message in the same room. */
  replyTo?: number;
}

/** Another text for a message of the same author. */
export interface EditEntry extends Authored {
  kind: "edit";
  target: number;
  text: string;
}

/** Deletes a message: its content and that of its edits is erased. */
export interface DeleteEntry extends Authored {
  kind: "delete";
  target: number;
}

/** A reaction to a message, or its end. */
export interface ReactionEntry extends Authored {
  kind: "reaction";
  target: number;
  emoji: string;
  /** False removes the reaction. */
  on: boolean;
}

/** A position that no message will ever take; it is counted and never shown. */
export interface VoidEntry extends Position {
  kind: "void";
}

/** What somebody wrote. */
export type AuthoredEntry = MessageEntry | EditEntry | DeleteEntry | ReactionEntry;

/** Everything that stands in a room's log, by its `kind`. */
export type Entry = AuthoredEntry | VoidEntry;

type Content<E> = E extends AuthoredEntry ? Omit<E, "seq" | "id" | "user" | "sentAt" | "erased"> : never;

/** What an author wrote, before it has a place. */
export type EntryContent = Content<AuthoredEntry>;
