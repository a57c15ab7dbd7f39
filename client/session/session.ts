/**
 * Keeps a connection open: opens it again when it is lost, and opens the next one before the server ends the last.
 *
 *   connecting ── ready ──> open ── lost ──> waiting ── pause over ──> connecting
 *                            │                  └── the network is gone ──> offline ── back ──> connecting
 *                            └─ after 1 h 50 min a second connection opens; when it is ready the first one retires
 */
import type { User } from "../../protocol/entries.ts";
import type { ByeFrame, ReadyFrame, ServerFrame } from "../../protocol/responses.ts";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { ChatError } from "../errors.ts";
import { Listeners } from "../listeners.ts";
import { type Asked, Connection } from "./connection.ts";
import type { NetworkEvents } from "./network.ts";
import type { Socket } from "./socket.ts";

/** API Gateway ends a connection after two hours; clients that came together do not have to go together. */
const HANDOVER_MS = { least: 100 * 60_000, most: 110 * 60_000 };

/** What was asked of a connection that retires may take so long. */
const RETIREMENT_MS = 31_000;

/** A connection that held this long was a good one: the next pause is short again. */
const STABLE_MS = 5_000;

/** An application's token function that never answers must not stop everything. */
const TOKEN_TIMEOUT_MS = 30_000;

export type State =
  | { name: "connecting" }
  | { name: "open"; user: User }
  /** Another attempt follows. */
  | { name: "waiting"; retryInMs: number; cause: ChatError }
  /** The network is gone; an attempt follows when it is back. */
  | { name: "offline" }
  | { name: "closed" };

export interface SessionArgs {
  url: string;
  token: () => string | Promise<string>;
  WebSocket: new (url: string, protocols: string[]) => Socket;
  clock: Clock;
  newId: () => string;
  network: NetworkEvents | undefined;
  /** The rooms to be in, with the cursor of each. */
  hello: () => Extract<Asked, { action: "hello" }>;
  onReady: (ready: ReadyFrame) => void;
  onFrame: (frame: Exclude<ServerFrame, ByeFrame>) => void;
}

export class Session {
  readonly states = new Listeners<[state: State]>();
  readonly #args: SessionArgs;
  readonly #backoff: Backoff;
  #state: State = { name: "connecting" };
  #connection: Connection | undefined;
  /** Those who wait for a connection. */
  readonly #whenOpen = new Set<{ resolve: (connection: Connection) => void; reject: (error: ChatError) => void }>();
  /** The attempt that is under way: a connection, once it has a token. */
  #attempt: { connection?: Connection } | undefined;
  /** Takes the timer of the next attempt back. */
  #stopTimer = () => {};

  constructor(args: SessionArgs) {
    this.#args = args;
    this.#backoff = new Backoff(args.clock);
    args.network?.addEventListener("offline", this.#onOffline);
    args.network?.addEventListener("online", this.#onOnline);
    void this.#open();
  }

  get state(): State {
    return this.#state;
  }

  /** The connection that is open now. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Waits for a connection. @throws ChatError CLOSED */
  connected(): Promise<Connection> {
    if (this.#connection !== undefined) return Promise.resolve(this.#connection);
    if (this.#state.name === "closed") return Promise.reject(closed());
    return new Promise((resolve, reject) => void this.#whenOpen.add({ resolve, reject }));
  }

  /** @throws ChatError NO_TOKEN */
  async token(): Promise<string> {
    const { clock, token } = this.#args;
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown) => reject(ChatError.from(cause, "NO_TOKEN"));
      const stopTimer = clock.after(TOKEN_TIMEOUT_MS, () => fail("the token function did not answer"));
      // It may throw at once, too.
      new Promise<string>((resolve) => resolve(token())).then(resolve, fail).finally(stopTimer);
    });
  }

  /** Gives the connection up, which does not answer any more, and opens another one. */
  replace(why: ChatError): void {
    this.#connection?.close(why);
  }

  close(): void {
    if (this.#state.name === "closed") return;
    this.#args.network?.removeEventListener("offline", this.#onOffline);
    this.#args.network?.removeEventListener("online", this.#onOnline);
    this.#become({ name: "closed" });
    this.#giveUpAll(closed());
    for (const { reject } of this.#whenOpen) reject(closed());
    this.#whenOpen.clear();
  }

  /** Opens a connection: the first, one after another that was lost, or the next beside the last. */
  async #open(): Promise<void> {
    this.#stopTimer();
    const attempt: { connection?: Connection } = {};
    this.#attempt = attempt;
    const { url, WebSocket, clock, newId, onReady, hello } = this.#args;
    if (this.#connection === undefined) this.#become({ name: "connecting" });
    try {
      const token = await this.token();
      if (attempt !== this.#attempt) return;
      const connection = new Connection({
        url,
        token,
        WebSocket,
        clock,
        newId,
        onFrame: (frame, from) => this.#receive(frame, from),
        onEnd: (ended, why) => this.#lost(ended, why),
      });
      attempt.connection = connection;
      const ready = await connection.ready(hello());
      if (attempt !== this.#attempt) return;
      this.#attempt = undefined;
      const before = this.#connection;
      this.#connection = connection;
      before?.retire(RETIREMENT_MS);
      this.#opened(ready);
      onReady(ready);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#attempt = undefined;
      this.#tryAgain(ChatError.from(error, "CONNECTION_LOST"));
    }
  }

  #receive(frame: ServerFrame, from: Connection): void {
    if (frame.type !== "bye") this.#args.onFrame(frame);
    // One that retires goes anyway.
    else if (from === this.#connection) this.#leave(frame);
  }

  /** The server ends the connection, or will: goes, and comes back when it is told to. */
  #leave({ reason, retryAfterMs }: ByeFrame): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.retire(0);
    if (this.#attempt !== undefined) this.#become({ name: "connecting" });
    else this.#tryAgain(new ChatError("CONNECTION_LOST", `the server says: ${reason}`), retryAfterMs);
  }

  #opened(ready: ReadyFrame): void {
    const { clock } = this.#args;
    const connection = this.#connection as Connection;
    const { least, most } = HANDOVER_MS;
    this.#stopTimer = clock.after(least + clock.random() * (most - least), () => void this.#open());
    clock.after(STABLE_MS, () => {
      if (this.#connection === connection) this.#backoff.reset();
    });
    this.#become({ name: "open", user: ready.user });
    for (const { resolve } of this.#whenOpen) resolve(connection);
    this.#whenOpen.clear();
  }

  #lost(connection: Connection, why: ChatError): void {
    // The late end of a connection that was replaced changes nothing.
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    if (this.#attempt !== undefined) this.#become({ name: "connecting" });
    else this.#tryAgain(why);
  }

  #tryAgain(cause: ChatError, leastMs = cause.retryAfterMs ?? 0): void {
    const retryInMs = this.#backoff.next(leastMs);
    this.#stopTimer();
    this.#stopTimer = this.#args.clock.after(retryInMs, () => void this.#open());
    // A handover that failed is no loss yet.
    if (this.#connection === undefined) this.#become({ name: "waiting", retryInMs, cause });
  }

  readonly #onOffline = () => {
    this.#become({ name: "offline" });
    this.#giveUpAll(new ChatError("CONNECTION_LOST", "the network is gone"));
  };

  readonly #onOnline = () => {
    if (this.#state.name === "offline") void this.#open();
  };

  /** Ends what there is, and what was to be: nothing follows by itself. */
  #giveUpAll(why: ChatError): void {
    this.#stopTimer();
    const [connection, attempt] = [this.#connection, this.#attempt];
    this.#connection = this.#attempt = undefined;
    connection?.close(why);
    attempt?.connection?.close(why);
  }

  #become(state: State): void {
    // An open client that changes its connection stays open.
    const isNews = state.name !== this.#state.name || state.name === "waiting";
    this.#state = state;
    if (!isNews) return;
    this.states.call(state);
  }
}

export function closed(): ChatError {
  return new ChatError("CLOSED", "the client was closed", { retryable: false });
}
