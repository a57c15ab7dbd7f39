/**
 * Folds a room's log into what people see: messages with their latest text, without what was taken back, with the
 * reactions that stand, and who has read how far. The order in which entries are added does not matter, nor does it
 * when one comes twice: pages of the past may be added at any time.
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
  /** Of the last edit; empty for what was taken back. */
  text: string;
  /** The position of the message that it answers. */
  replyTo?: number;
  /** When it was last edited. */
  editedAt?: number;
  isDeleted: boolean;
  /** By emoji, who stands behind it, in the order of their reactions. */
  reactions: Map<string, User[]>;
}

/** What later entries say of a message; it may be known before the message is. */
interface Changes {
  edit?: EditEntry;
  delete?: DeleteEntry;
  /** One of its edits is erased. */
  isErased?: true;
  /** By user and emoji, the last word. */
  reactions: Map<string, ReactionEntry>;
}

export class Fold {
  readonly #messages = new Map<number, MessageEntry>();
  /** By target. */
  readonly #changes = new Map<number, Changes>();
  /** By user id. */
  readonly #readers = new Map<string, { user: User; seq: number }>();

  add(entries: AuthoredEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === "message") this.#messages.set(entry.seq, later(this.#messages.get(entry.seq), entry));
      else if (isShown(entry)) this.#change(entry);
    }
  }

  /** Forgets everything, as after a `reset`. */
  clear(): void {
    this.#messages.clear();
    this.#changes.clear();
    this.#readers.clear();
  }

  /** In the room's order, those that were taken back among them. */
  get messages(): FoldedMessage[] {
    return [...this.#messages.keys()].sort((a, b) => a - b).map((seq) => this.message(seq) as FoldedMessage);
  }

  /** @returns undefined for what is not there, or no message */
  message(seq: number): FoldedMessage | undefined {
    const entry = this.#messages.get(seq);
    if (entry === undefined) return undefined;
    const { user, sentAt, text, replyTo } = entry;
    const changes = this.#changes.get(seq);
    const { edit, delete: deleted, isErased, reactions = new Map<string, ReactionEntry>() } = changes ?? {};
    // Edits are erased with their message: one that is erased tells of the message, whatever else has come of it.
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

  /** Takes a read marker, which only goes forward. */
  markRead({ user, seq }: { user: User; seq: number }): void {
    if (seq > (this.#readers.get(user.id)?.seq ?? 0)) this.#readers.set(user.id, { user, seq });
  }

  /** Who has read a message. */
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

/** The one that counts: the later one, and of one entry that comes twice the erased one. */
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
