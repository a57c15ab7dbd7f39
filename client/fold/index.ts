/**
 * Folds a room's log into what people see: messages with their latest text, their reactions, and who has read how far.
 * Entries can be added in any order and more than once, so pages of the past can be added at any time.
 */
import type {
  AuthoredEntry,
  DeleteEntry,
  EditEntry,
  MessageEntry,
  ReactionEntry,
  User,
} from "../../protocol/entries.ts";
import { isShown } from "../entryKinds.ts";

export interface FoldedMessage {
  seq: number;
  user: User;
  /** Milliseconds since 1970. */
  sentAt: number;
  /** The text after the last edit; empty if the message was deleted. */
  text: string;
  /** Position of the message that this one replies to. */
  replyTo?: number;
  /** Time of the last edit, in milliseconds since 1970. */
  editedAt?: number;
  isDeleted: boolean;
  /** Users by emoji, in the order of their reactions. */
  reactions: Map<string, User[]>;
}

/** Entries that change one message. They may be added before the message itself. */
interface Changes {
  edit?: EditEntry;
  delete?: DeleteEntry;
  /** Whether one of the message's edits is erased. */
  isErased?: true;
  /** The last reaction, by user and emoji. */
  reactions: Map<string, ReactionEntry>;
}

export class Fold {
  readonly #messages = new Map<number, MessageEntry>();
  /** Changes by the position of their message. */
  readonly #changes = new Map<number, Changes>();
  /** Read markers by user id. */
  readonly #readers = new Map<string, { user: User; seq: number }>();

  add(entries: AuthoredEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === "message") this.#messages.set(entry.seq, later(this.#messages.get(entry.seq), entry));
      else if (isShown(entry)) this.#change(entry);
    }
  }

  /** Removes everything, as a `reset` requires. */
  clear(): void {
    this.#messages.clear();
    this.#changes.clear();
    this.#readers.clear();
  }

  /** Removes the messages before a position. Their changes stay, because a page of the past may bring them back. */
  dropBefore(seq: number): void {
    for (const known of this.#messages.keys()) if (known < seq) this.#messages.delete(known);
  }

  /** All messages in the room's order, including deleted ones. */
  get messages(): FoldedMessage[] {
    return [...this.#messages.keys()].sort((a, b) => a - b).map((seq) => this.message(seq) as FoldedMessage);
  }

  /** @returns undefined if there is no message at this position */
  message(seq: number): FoldedMessage | undefined {
    const entry = this.#messages.get(seq);
    if (entry === undefined) return undefined;
    const { user, sentAt, text, replyTo } = entry;
    const changes = this.#changes.get(seq);
    const { edit, delete: deleted, isErased, reactions = new Map<string, ReactionEntry>() } = changes ?? {};
    // Edits are erased with their message, so an erased edit means that the message was deleted.
    const isDeleted = deleted !== undefined || entry.erased === true || isErased === true;
    return {
      seq,
      user,
      sentAt,
      text: isDeleted ? "" : (edit?.text ?? text),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(edit === undefined ? {} : { editedAt: edit.sentAt }),
      isDeleted,
      reactions: standing([...reactions.values()]),
    };
  }

  /** Applies a read marker. Markers only move forward. */
  markRead({ user, seq }: { user: User; seq: number }): void {
    if (seq > (this.#readers.get(user.id)?.seq ?? 0)) this.#readers.set(user.id, { user, seq });
  }

  /** Users whose marker is at this position or beyond. */
  readersOf(seq: number): User[] {
    return [...this.#readers.values()].filter((reader) => reader.seq >= seq).map(({ user }) => user);
  }

  #change(entry: EditEntry | DeleteEntry | ReactionEntry): void {
    const changes: Changes = this.#changes.get(entry.target) ?? { reactions: new Map() };
    this.#changes.set(entry.target, changes);
    if (entry.kind === "edit") {
      changes.edit = later(changes.edit, entry);
      if (entry.erased) changes.isErased = true;
    } else if (entry.kind === "delete") changes.delete = later(changes.delete, entry);
    else {
      const key = JSON.stringify([entry.user.id, entry.emoji]);
      changes.reactions.set(key, later(changes.reactions.get(key), entry));
    }
  }
}

/** The later of two entries; of two copies of one entry, the erased one. */
function later<E extends AuthoredEntry>(known: E | undefined, entry: E): E {
  if (known === undefined || known.seq < entry.seq) return entry;
  return known.seq > entry.seq || known.erased ? known : entry;
}

function standing(reactions: ReactionEntry[]): Map<string, User[]> {
  const byEmoji = new Map<string, User[]>();
  for (const { emoji, user, on } of reactions.sort((a, b) => a.seq - b.seq)) {
    if (on) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), user]);
  }
  return byEmoji;
}
