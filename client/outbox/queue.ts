/**
 * The appends of one room, in the order of the `send()` calls. Only one of them is in flight, and it stays the first
 * until it is acknowledged or has failed. It therefore always precedes the next one in the log.
 */
import type { AuthoredEntry } from "../../protocol/entries.ts";
import type { AckFrame } from "../../protocol/responses.ts";
import { Backoff } from "../backoff.ts";
import { type Clock, pause } from "../clock.ts";
import { ChatError } from "../errors.ts";
import type { Connection } from "../session/connection.ts";
import { memoryStore } from "./memoryStore.ts";
import { givenUp, isRefusal } from "./outcome.ts";
import { type Acknowledged, QueuedAppend } from "./outgoing.ts";
import type { Append, AppendStore, StoredAppend } from "./store.ts";

/**
 * An append isn't retried once its first attempt is older than this, because the server promises to recognize retries
 * for no longer than 24 h.
 */
const MAX_RETRY_MS = 23 * 3_600_000;

/** An ack that takes longer than this counts as lost, because the server posts it as soon as the entry is durable. */
const ACK_TIMEOUT_MS = 15_000;

export interface QueueArgs {
  room: string;
  clock: Clock;
  store: AppendStore;
  /** Resolves when the appends in the store have been queued. */
  loaded: Promise<unknown>;
  /** Returns the place of the next append among all appends. */
  nextOrder: () => number;
  /** Waits for a connection. @throws ChatError CLOSED */
  connected: () => Promise<Connection>;
  refreshToken: () => Promise<void>;
  join: () => Promise<void>;
  /** Called when the list has changed. */
  onChange: (appends: readonly QueuedAppend[]) => void;
}

export class AppendQueue {
  readonly #args: QueueArgs;
  readonly #backoff: Backoff;
  #appends: QueuedAppend[] = [];
  /** Writes to the store that are in progress or have failed, by id. */
  readonly #storing = new Map<string, Promise<void>>();
  #isRunning = false;
  #isClosed = false;

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
    // New appends follow those that an earlier client has left.
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

  /** Queues the appends that an earlier client has left in the store, ahead of everything that this client sends. */
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

  /** Settles the append whose entry has been seen in the log, which is as good as an ack. */
  seen({ id, seq, sentAt }: AuthoredEntry): void {
    const first = this.#first();
    if (first?.id === id) this.#done(first, { seq, sentAt });
  }

  /** Called when the user leaves the room, so that queued messages don't rejoin it. */
  onLeave(): void {
    for (const append of this.#appends) append.mayJoin = false;
  }

  /** Closes the queue with its client, so that nothing more is sent. */
  close(): void {
    this.#isClosed = true;
    void this.#run();
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
    if (this.#isClosed) {
      for (const append of this.#appends) void this.#abandon(append);
      return;
    }
    if (this.#isRunning) return;
    this.#isRunning = true;
    await this.#args.loaded.catch(() => {});
    try {
      for (let first = this.#first(); first !== undefined; first = this.#first()) await this.#attempt(first);
    } catch {
      // The client was closed.
    } finally {
      this.#isRunning = false;
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

  /** Sends an append and waits until it is acknowledged. @throws ChatError if it isn't */
  async #send(append: QueuedAppend): Promise<void> {
    const { room, clock, store } = this.#args;
    const { id, stored } = append;
    const notStored = (cause: unknown) => Promise.reject(ChatError.from(cause, "NOT_STORED"));
    await this.#storing.get(id)?.catch(notStored);
    const connection = await this.#args.connected();
    const retry = stored.firstSentAt !== undefined;
    const firstSentAt = stored.firstSentAt ?? clock.now();
    if (clock.now() - firstSentAt > MAX_RETRY_MS) throw givenUp("NOT_CONFIRMED");
    if (!retry) {
      // The time is stored before sending: after a reload, nothing else tells how long the append may have been in the
      // log.
      await store.put({ ...stored, firstSentAt }).catch(notStored);
      stored.firstSentAt = firstSentAt;
    }
    const request = { ...append.append, id, room, ...(retry ? { retry } : {}) };
    const answered = connection.request(request, ACK_TIMEOUT_MS) as Promise<AckFrame>;
    try {
      const { seq, sentAt } = (await Promise.race([answered, append.acknowledged])) as Required<AckFrame>;
      this.#done(append, { seq, sentAt });
    } catch (thrown) {
      // Only the refusal of a first attempt proves that the append isn't in the log: a retry follows an attempt without
      // an answer, and that attempt may still be on its way.
      if (!retry && isRefusal(thrown)) delete stored.firstSentAt;
      throw thrown;
    }
  }

  /** Makes the next attempt possible, or gives up on the append. @throws ChatError CLOSED */
  async #overcome(append: QueuedAppend, error: ChatError): Promise<void> {
    const { clock, refreshToken, join } = this.#args;
    const isOutside = error.code === "NOT_A_MEMBER";
    if (!error.retryable || error.code === "NOT_STORED" || (isOutside && !append.mayJoin)) {
      this.#giveUp(append, error);
      return;
    }
    const pauseMs = this.#backoff.next(error.retryAfterMs);
    append.delay = { cause: error, until: clock.now() + pauseMs };
    this.#changed();
    // The refresh begins before the pause: by the end of the pause, the token may have been replaced long ago.
    const refreshed = error.code === "TOKEN_EXPIRED" ? refreshToken() : undefined;
    refreshed?.catch(() => {});
    await pause(clock, pauseMs);
    append.delay = undefined;
    try {
      await refreshed;
      if (isOutside && append.mayJoin) await join();
    } catch (thrown) {
      const why = ChatError.from(thrown, "CONNECTION_LOST");
      if (why.code === "CLOSED") throw why;
      // If the token was refused, the next one may be accepted; but a room that the user may not enter stays closed.
      if (isOutside && !why.retryable) this.#giveUp(append, why);
    }
  }

  #done(append: QueuedAppend, acknowledged: Acknowledged): void {
    if (append.isSettled) return;
    append.succeed(acknowledged);
    void this.#forget(append);
  }

  #giveUp(append: QueuedAppend, why: ChatError): void {
    if (append.isSettled) return;
    const isClear = append.stored.firstSentAt === undefined || why.code === "NOT_CONFIRMED";
    const error = isClear ? why : givenUp("NOT_CONFIRMED", why);
    append.fail(error);
    append.stored.failedWith = error.code;
    // The append stays on the list whether or not this succeeds.
    void this.#args.store.put(append.stored).catch(() => {});
    this.#changed();
  }

  /** Rejects an append when the client is closed. The next client sends it if it is in the store. */
  async #abandon(append: QueuedAppend): Promise<void> {
    if (append.isSettled) return;
    append.isSettled = true;
    const isStored =
      this.#args.store !== memoryStore &&
      (await (this.#storing.get(append.id) ?? Promise.resolve()).then(
        () => true,
        () => false,
      ));
    const fate = isStored ? "it is in the store, and the next client sends it" : "it may or may not be in the log";
    append.abandon(
      new ChatError("CLOSED", `the client was closed before the append was acknowledged: ${fate}`, {
        retryable: false,
      }),
    );
  }

  async #forget(append: QueuedAppend): Promise<void> {
    this.#appends = this.#appends.filter((other) => other !== append);
    this.#changed();
    await this.#storing.get(append.id)?.catch(() => {});
    this.#storing.delete(append.id);
    // If this fails, the append is sent again after a reload, and the server recognizes it.
    await this.#args.store.remove(append.id).catch(() => {});
  }

  #changed(): void {
    if (!this.#isClosed) this.#args.onChange(this.#appends);
  }
}
