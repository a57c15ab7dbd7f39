import type { ChatError } from "../errors.ts";
import type { Append, StoredAppend } from "./store.ts";

/** What the server says of an append: it is durable, at this place. */
export interface Acknowledged {
  seq: number;
  /** The server's time, in milliseconds since 1970. */
  sentAt: number;
}

/** An append that is not acknowledged yet, for the application to show as such. */
export interface Outgoing {
  readonly id: string;
  readonly append: Append;
  /** `failed`: it was given up, and only the person may send it again. */
  readonly status: "waiting" | "failed";
  readonly error: ChatError | undefined;
  /** Rejects with a ChatError when it is given up. */
  readonly acknowledged: Promise<Acknowledged>;
  /** Takes one that failed off the list. */
  discard(): void;
}

export class QueuedAppend implements Outgoing {
  readonly stored: StoredAppend;
  readonly acknowledged: Promise<Acknowledged>;
  error: ChatError | undefined;
  /** Settled: nothing more is sent. */
  isSettled = false;
  readonly #settle: PromiseWithResolvers<Acknowledged>;
  readonly #discard: (append: QueuedAppend) => void;

  constructor(stored: StoredAppend, discard: (append: QueuedAppend) => void) {
    this.stored = stored;
    this.#discard = discard;
    this.#settle = Promise.withResolvers();
    this.acknowledged = this.#settle.promise;
    // Who does not ask sees it in `status`; it is not an error that nobody handles.
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
    this.isSettled = true;
    this.error = error;
    this.#settle.reject(error);
  }
}
