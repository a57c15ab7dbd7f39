/** The entries of a room's log. */

/** A person or a service: a stable id and a display name. */
export interface User {
  id: string;
  name: string;
}

interface Position {
  /** Position in the room's order, from 1, without gaps. */
  seq: number;
}

interface Authored extends Position {
  /** The request id of the author's frame. */
  id: string;
  user: User;
  /** The server's time, in milliseconds since 1970. */
  sentAt: number;
  /**
   * Whether its content was permanently erased, because its message was deleted or because an operator erased what its
   * author wrote. In the second case, the author's name is empty, too.
   */
  erased?: true;
}

/** A message. */
export interface MessageEntry extends Authored {
  kind: "message";
  text: string;
  /** The position of the message that this one answers, in the same room. */
  replyTo?: number;
}

/** Replaces the text of a message by the same author. */
export interface EditEntry extends Authored {
  kind: "edit";
  target: number;
  text: string;
}

/** Deletes a message: erases its content and that of its edits. */
export interface DeleteEntry extends Authored {
  kind: "delete";
  target: number;
}

/** Adds or removes a reaction to a message. */
export interface ReactionEntry extends Authored {
  kind: "reaction";
  target: number;
  emoji: string;
  /** False removes the reaction. */
  on: boolean;
}

/** A position that no entry will ever take. It keeps its place in the order, but isn't shown. */
export interface VoidEntry extends Position {
  kind: "void";
}

/** An entry that somebody wrote. */
export type AuthoredEntry = MessageEntry | EditEntry | DeleteEntry | ReactionEntry;

/** Every kind of entry in a room's log, by its `kind`. */
export type Entry = AuthoredEntry | VoidEntry;

type Content<E> = E extends AuthoredEntry ? Omit<E, "seq" | "id" | "user" | "sentAt" | "erased"> : never;

/** The author's part of an entry, before it has a position. */
export type EntryContent = Content<AuthoredEntry>;
