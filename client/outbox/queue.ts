/**
 * The appends of one room, in the order of their `send()`: one at a time is on its way, and it stays the first until
 * it is acknowledged or given up. So its place in the log is before that of the next, whatever happens in between.
 */
import type { AuthoredEntry } from "../../protocol/entries.ts";
import type { AckFrame } from "../../protocol/responses.ts";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { pause } from "../clock.ts";
import { ChatError } from "../errors.ts";
import type { Connection } from "../session/connection.ts";
import { type Acknowledged, QueuedAppend } from "./outgoing.ts";
import type { Append, AppendStore, StoredAppend } from "./store.ts";

/** The server knows a retry for 24 h: this long after its first attempt one is not sent again. */
const LONGEST_RETRY_MS = 23 * 3_600_000;

/** An ack is posted as soon as the entry is durable; one that takes longer was lost. */
const ACK_TIMEOUT_MS = 15_000;

export interface QueueArgs {
  room: string;
  clock: Clock;
  store: AppendStore;
  /** What the store held has been taken up. */
  loaded: Promise<unknown>;
  /** Place of the next among all that were ever sent. */
  nextOrder: () => number;
  /** Waits for one. @throws ChatError CLOSED */
  connection: () => Promise<Connection>;
  refreshToken: () => Promise<void>;
  join: () => Promise<void>;
  /** The list has changed. */
  onChange: (appends: readonly QueuedAppend[]) => void;
}

export class AppendQueue {
  readonly #args: QueueArgs;
  readonly #backoff: Backoff;
  #appends: QueuedAppend[] = [];
  /** By id, what is still being written to the store. */
  readonly #storing = new Map<string, Promise<void>>();
  #running = false;

  constructor(args: QueueArgs) {
    this.#args = args;
    this.#backoff = new Backoff(args.clock);
  }

  get appends(): readonly QueuedAppend[] {
    return this.#appends;
  }

  add(id: string, append: Append): QueuedAppend {
    const { room, store, loaded, nextOrder } = this.#args;
    const added = this.#queue({ id, room, append, order: 0 });
    // After what an earlier run has left.
    const storing = loaded.then(() => {
      added.stored.order = nextOrder();
      return store.put(added.stored);
    });
    storing.catch(() => {});
    this.#storing.set(id, storing);
    this.#changed();
    void this.#run();
    return added;
  }

  /** Takes up what an earlier run left in the store; it was sent before what this run sends. */
  resume(stored: StoredAppend[]): void {
    const own = this.#appends;
    this.#appends = [];
    for (const append of stored) {
      const { failedWith } = append;
      const resumed = this.#queue(append);
      if (failedWith !== undefined) resumed.fail(givenUp(failedWith));
    }
    this.#appends.push(...own);
    this.#changed();
    void this.#run();
  }

  /** One's own entry in the log is as good as its ack. */
  seen({ id, seq, sentAt }: AuthoredEntry): void {
    const first = this.#first();
    if (first?.id === id) this.#done(first, { seq, sentAt });
  }

  #queue(stored: StoredAppend): QueuedAppend {
    const append = new QueuedAppend(stored, (discarded) => {
      void this.#forget(discarded);
    });
    this.#appends.push(append);
    return append;
  }

  #first(): QueuedAppend | undefined {
    return this.#appends.find(({ isSettled }) => !isSettled);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    await this.#args.loaded.catch(() => {});
    try {
      for (let first = this.#first(); first !== undefined; first = this.#first()) await this.#attempt(first);
    } catch {
      // Closed: what is left unsaid here goes on after a reload, or with the next client.
    } finally {
      this.#running = false;
    }
  }

  /** @throws ChatError CLOSED */
  async #attempt(append: QueuedAppend): Promise<void> {
    try {
      await this.#send(append);
      this.#backoff.reset();
    } catch (thrown) {
      const error = ChatError.from(thrown, "CONNECTION_LOST");
      if (error.code === "CLOSED") throw error;
      if (!append.isSettled) await this.#overcome(append, error);
    }
  }

  /** Sends an append and waits until it is acknowledged. @throws ChatError when it is not */
  async #send(append: QueuedAppend): Promise<void> {
    const { room, clock, store } = this.#args;
    const { id, stored } = append;
    const notStored = (cause: unknown) => Promise.reject(ChatError.from(cause, "NOT_STORED"));
    await this.#storing.get(id)?.catch(notStored);
    const connection = await this.#args.connection();
    const retry = stored.firstSentAt !== undefined;
    const firstSentAt = stored.firstSentAt ?? clock.now();
    if (clock.now() - firstSentAt > LONGEST_RETRY_MS) throw givenUp("NOT_CONFIRMED");
    if (!retry) {
      stored.firstSentAt = firstSentAt;
      // Before it is sent: after a reload nobody would know since when it may be in the log.
      await store.put(stored).catch(notStored);
    }
    const request = { ...append.append, id, room, ...(retry ? { retry } : {}) };
    const answered = connection.request(request, ACK_TIMEOUT_MS) as Promise<AckFrame>;
    const { seq, sentAt } = (await Promise.race([answered, append.acknowledged])) as Required<AckFrame>;
    this.#done(append, { seq, sentAt });
  }

  /** Makes the next attempt possible, or gives the append up. @throws ChatError CLOSED */
  async #overcome(append: QueuedAppend, error: ChatError): Promise<void> {
    const { clock, refreshToken, join } = this.#args;
    const mend = { TOKEN_EXPIRED: refreshToken, NOT_A_MEMBER: join }[error.code as string];
    if (mend === undefined && (!error.retryable || error.code === "NOT_STORED")) {
      this.#giveUp(append, error);
      return;
    }
    await pause(clock, this.#backoff.next(error.retryAfterMs));
    try {
      await mend?.();
    } catch (thrown) {
      const why = ChatError.from(thrown, "CONNECTION_LOST");
      if (why.code === "CLOSED") throw why;
      // A token that is refused may be followed by a better one; a room that is closed stays so.
      if (mend === join && !why.retryable) this.#giveUp(append, why);
    }
  }

  #done(append: QueuedAppend, acknowledged: Acknowledged): void {
    if (append.isSettled) return;
    append.succeed(acknowledged);
    void this.#forget(append);
  }

  #giveUp(append: QueuedAppend, error: ChatError): void {
    if (append.isSettled) return;
    append.fail(error);
    append.stored.failedWith = error.code;
    // Whether it can be kept or not, it is on the list.
    void this.#args.store.put(append.stored).catch(() => {});
    this.#changed();
  }

  async #forget(append: QueuedAppend): Promise<void> {
    this.#appends = this.#appends.filter((other) => other !== append);
    this.#changed();
    await this.#storing.get(append.id)?.catch(() => {});
    this.#storing.delete(append.id);
    // What stays there is sent once more after a reload, and found in the log.
    await this.#args.store.remove(append.id).catch(() => {});
  }

  #changed(): void {
    this.#args.onChange(this.#appends);
  }
}

function givenUp(code: string): ChatError {
  return new ChatError(
    code as "NOT_CONFIRMED",
    "it was not acknowledged in time, or refused: whether it is in the log is not known; send it again yourself",
    { retryable: false },
  );
}
