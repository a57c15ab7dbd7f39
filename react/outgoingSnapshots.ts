import type { Append, AuthoredEntry, ChatError, Delay, Outgoing, User } from "@serverless-chat/client";

/** Snapshot of an append that isn't acknowledged yet. */
export interface OutgoingSnapshot {
  readonly id: string;
  readonly append: Append;
  readonly status: "waiting" | "failed";
  readonly error: ChatError | undefined;
  /** Why the last attempt failed, and when the next one follows. */
  readonly delay: Delay | undefined;
  /** Removes a failed append from the list. */
  readonly discard: () => void;
}

/** Immutable copies of a client's appends, because the appends themselves change in place. */
export class OutgoingSnapshots {
  readonly #onAcknowledged: (entry: AuthoredEntry) => void;
  readonly #user: () => User | undefined;
  #known = new Map<string, OutgoingSnapshot>();

  /** @param onAcknowledged called with the entry that an append has become */
  constructor(user: () => User | undefined, onAcknowledged: (entry: AuthoredEntry) => void) {
    this.#user = user;
    this.#onAcknowledged = onAcknowledged;
  }

  of(appends: readonly Outgoing[]): OutgoingSnapshot[] {
    const before = this.#known;
    this.#known = new Map(appends.map((append) => [append.id, this.#copy(append, before.get(append.id))]));
    return [...this.#known.values()];
  }

  #copy(outgoing: Outgoing, known: OutgoingSnapshot | undefined): OutgoingSnapshot {
    const { id, append, status, error, delay } = outgoing;
    if (known === undefined) this.#follow(outgoing);
    if (known !== undefined && known.status === status && known.delay === delay) return known;
    return { id, append, status, error, delay, discard: () => outgoing.discard() };
  }

  #follow({ id, append, acknowledged }: Outgoing): void {
    acknowledged.then(
      ({ seq, sentAt }) => {
        const user = this.#user();
        if (user !== undefined) this.#onAcknowledged(entryOf(append, { seq, sentAt, id, user }));
      },
      () => {
        // The append's status shows the failure.
      },
    );
  }
}

const KINDS = new Map<Append["action"], AuthoredEntry["kind"]>([
  ["sendMessage", "message"],
  ["editMessage", "edit"],
  ["deleteMessage", "delete"],
  ["react", "reaction"],
]);

function entryOf(append: Append, authored: { seq: number; sentAt: number; id: string; user: User }): AuthoredEntry {
  const { action, ...content } = append;
  return { ...authored, ...content, kind: KINDS.get(action) } as AuthoredEntry;
}
