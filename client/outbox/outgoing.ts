import type { ChatError } from "../errors.ts";
import type { Append, StoredAppend } from "./store.ts";

/** Acknowledgment of an append, which is now durable at this position. */
export interface Acknowledged {
  seq: number;
  /** The server's time, in milliseconds since 1970. */
  sentAt: number;
}

/** A pause before the next attempt. */
export interface Delay {
  cause: ChatError;
  /** Milliseconds since 1970. */
  until: number;
}

/** A message, or another append, that isn't acknowledged yet. Show it as pending. */
export interface Outgoing {
  readonly id: string;
  readonly append: Append;
  /** `failed`: the client doesn't retry it; the person can send it again as a new message. */
  readonly status: "waiting" | "failed";
  readonly error: ChatError | undefined;
  /**
   * Why the last attempt failed, and when the next one follows; undefined unless an attempt has failed and the next one
   * hasn't begun.
   */
  readonly delay: Delay | undefined;
  /** Rejects with a ChatError when the append fails, and with `CLOSED` when the client is closed first. */
  readonly acknowledged: Promise<Acknowledged>;
  /** Removes a failed append from the list. */
  discard(): void;
}

export class QueuedAppend implements Outgoing {
  readonly stored: StoredAppend;
  readonly acknowledged: Promise<Acknowledged>;
  error: ChatError | undefined;
  delay: Delay | undefined;
  /** Whether nothing more is sent, because the append was acknowledged, has failed, or is left to another client. */
  isSettled = false;
  /** Whether the client may join the room in order to send the append. */
  mayJoin = true;
  readonly #settle: PromiseWithResolvers<Acknowledged>;
  readonly #discard: (append: QueuedAppend) => void;

  constructor(stored: StoredAppend, discard: (append: QueuedAppend) => void) {
    this.stored = stored;
    this.#discard = discard;
    this.#settle = Promise.withResolvers();
    this.acknowledged = this.#settle.promise;
    // An application that only looks at `status` doesn't have to handle the rejection.
    this.acknowledged.catch(() => {});
  }

  get id(): string {
    return this.stored.id;
  }

  get append(): Append {
    return this.stored.append;
  }

  get status(): Outgoing["status"] {
    return this.error === undefined ? "waiting" : "failed";
  }

  discard(): void {
    if (this.status === "failed") this.#discard(this);
  }

  succeed(acknowledged: Acknowledged): void {
    this.isSettled = true;
    this.#settle.resolve(acknowledged);
  }

  fail(error: ChatError): void {
    this.error = error;
    this.abandon(error);
  }

  /** Rejects without marking the append as failed, because another client may send it. */
  abandon(error: ChatError): void {
    this.isSettled = true;
    this.#settle.reject(error);
  }
}
