/**
 * Keeps a connection open: reconnects when it is lost, and opens the next one before the server ends the current one.
 */
import type { ByeFrame, ReadyFrame, ServerFrame } from "../../protocol/responses.ts";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { ChatError, closed } from "../errors.ts";
import { Listeners } from "../listeners.ts";
import { checkAddress } from "./address.ts";
import { type Asked, Connection } from "./connection.ts";
import type { NetworkEvents } from "./network.ts";
import type { SocketClass } from "./socket.ts";
import type { State } from "./state.ts";
import { Tokens } from "./tokens.ts";
import { Waiters } from "./waiters.ts";

/**
 * Age at which a connection is replaced, before API Gateway ends it after two hours. The age is random, so that clients
 * that connected together don't reconnect together.
 */
const HANDOVER_MS = { min: 100 * 60_000, max: 110 * 60_000 };

/** Time that the requests of a replaced connection have to complete. */
const RETIREMENT_MS = 31_000;

/** The backoff starts over after a connection that lasted this long. */
const STABLE_MS = 5_000;

/** `reason` of the `bye` with which the server closes the oldest of a user's connections. */
const TOO_MANY_CONNECTIONS = "too many connections";

export interface SessionArgs {
  url: string;
  token: () => string | Promise<string>;
  WebSocket: SocketClass;
  clock: Clock;
  newId: () => string;
  network: NetworkEvents | undefined;
  /** Returns a frame that names the rooms to be in, with the cursor of each. */
  hello: () => Extract<Asked, { action: "hello" }>;
  onReady: (ready: ReadyFrame) => void;
  onFrame: (frame: Exclude<ServerFrame, ByeFrame>) => void;
  /** Called when a request stays unanswered for long. */
  onSlow: () => void;
}

export class Session {
  readonly states = new Listeners<[state: State]>();
  readonly tokens: Tokens;
  readonly #args: SessionArgs;
  readonly #backoff: Backoff;
  #state: State = { name: "connecting" };
  #connection: Connection | undefined;
  readonly #waiters = new Waiters();
  /** The attempt in progress. It has a connection once it has a token. */
  #attempt: { connection?: Connection } | undefined;
  #cancelTimer = () => {};

  constructor(args: SessionArgs) {
    this.#args = args;
    this.tokens = new Tokens(args.clock, args.token);
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

  /**
   * Waits for a connection.
   *
   * @param isPatient whether to keep waiting after the client has stopped
   * @throws ChatError CLOSED, or why the client has stopped
   */
  connected(isPatient = false): Promise<Connection> {
    if (this.#connection !== undefined) return Promise.resolve(this.#connection);
    if (this.#state.name === "closed") return Promise.reject(closed());
    if (this.#state.name === "stopped" && !isPatient) return Promise.reject(this.#state.cause);
    return this.#waiters.add(isPatient);
  }

  /** Gives up a connection that is dead, receives nothing, or is unknown to the server, and opens another one. */
  replace(why: ChatError): void {
    this.#connection?.close(why);
  }

  /** Connects now, if there is neither a connection nor an attempt. */
  connect(): void {
    if (!["waiting", "offline", "stopped"].includes(this.#state.name)) return;
    this.tokens.refused = undefined;
    this.#backoff.reset();
    void this.#open();
  }

  close(): void {
    if (this.#state.name === "closed") return;
    this.#args.network?.removeEventListener("offline", this.#onOffline);
    this.#args.network?.removeEventListener("online", this.#onOnline);
    this.#become({ name: "closed" });
    this.#giveUpAll(closed());
    this.#waiters.reject(closed());
  }

  /** Opens a connection: the first one, a replacement for a lost one, or the next one alongside the current one. */
  async #open(): Promise<void> {
    this.#cancelTimer();
    const attempt: { connection?: Connection } = {};
    this.#attempt = attempt;
    const { url, onReady, hello } = this.#args;
    if (this.#connection === undefined) this.#become({ name: "connecting" });
    let token: string | undefined;
    try {
      [token] = await Promise.all([this.tokens.next(), checkAddress(url)]);
      if (attempt !== this.#attempt) return;
      const connection = this.#newConnection(token);
      attempt.connection = connection;
      const ready = await connection.ready(hello());
      if (attempt !== this.#attempt) return;
      this.#attempt = undefined;
      this.tokens.refused = undefined;
      const before = this.#connection;
      this.#connection = connection;
      before?.retire(RETIREMENT_MS);
      this.#opened(ready);
      onReady(ready);
    } catch (thrown) {
      if (attempt !== this.#attempt) return;
      this.#attempt = undefined;
      const error = ChatError.from(thrown, "NOT_CONNECTED");
      const isRefused = error.code === "UNAUTHORIZED";
      // A token that is refused may just have expired, so the next one is tried.
      const isFinal = !error.retryable || (isRefused && this.tokens.refused !== undefined);
      if (isRefused && token !== undefined) this.tokens.refused = token;
      // While the current connection works, a refused handover is no reason to stop.
      if (isFinal && this.#connection === undefined) this.#stop(error);
      else this.#tryAgain(error);
    }
  }

  #newConnection(token: string): Connection {
    try {
      return new Connection({
        ...this.#args,
        token,
        onFrame: (frame, from) => this.#receive(frame, from),
        onEnd: (ended, why) => this.#lost(ended, why),
      });
    } catch (cause) {
      // The address is valid, so the cause is the token: it isn't a valid subprotocol.
      throw new ChatError("UNAUTHORIZED", `the token can't be sent: ${(cause as Error).message}`, { cause });
    }
  }

  #receive(frame: ServerFrame, from: Connection): void {
    if (frame.type !== "bye") this.#args.onFrame(frame);
    // A connection that is being retired ends anyway.
    else if (from === this.#connection) this.#leave(frame);
  }

  /** Leaves a connection that the server ends, or is about to end. */
  #leave({ reason, retryAfterMs = 0 }: ByeFrame): void {
    const why = new ChatError("CONNECTION_LOST", `the server ends the connection: ${reason}`);
    const isHandover = this.#attempt?.connection !== undefined;
    if (reason === TOO_MANY_CONNECTIONS && !isHandover) {
      // Reconnecting would displace another connection of the same user, which would then reconnect too.
      this.#stop(new ChatError("DISPLACED", why.message, { retryable: false }));
      return;
    }
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.retire(0);
    if (retryAfterMs > 0) {
      this.#giveUpAll(why);
      this.#tryAgain(why, retryAfterMs);
    } else this.#afterLoss(why);
  }

  #opened(ready: ReadyFrame): void {
    const { clock } = this.#args;
    const connection = this.#connection as Connection;
    const { min, max } = HANDOVER_MS;
    this.#cancelTimer = clock.after(min + clock.random() * (max - min), () => void this.#open());
    clock.after(STABLE_MS, () => {
      if (this.#connection === connection) this.#backoff.reset();
    });
    this.#become({ name: "open", user: ready.user });
    this.#waiters.resolve(connection);
  }

  #lost(connection: Connection, why: ChatError): void {
    // The late end of a connection that was replaced doesn't matter.
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#afterLoss(why);
  }

  #afterLoss(why: ChatError): void {
    if (this.#attempt !== undefined) this.#become({ name: "connecting" });
    else this.#tryAgain(why);
  }

  #tryAgain(cause: ChatError, minMs = cause.retryAfterMs ?? 0): void {
    const retryInMs = this.#backoff.next(minMs);
    this.#cancelTimer();
    this.#cancelTimer = this.#args.clock.after(retryInMs, () => void this.#open());
    // If a handover has failed, the current connection is still open.
    if (this.#connection === undefined) this.#become({ name: "waiting", retryInMs, cause });
  }

  /** Waits for `connect()`. */
  #stop(cause: ChatError): void {
    this.#giveUpAll(cause);
    this.#become({ name: "stopped", cause });
    this.#waiters.rejectImpatient(cause);
  }

  readonly #onOffline = () => {
    if (this.#state.name === "stopped") return;
    this.#become({ name: "offline" });
    this.#giveUpAll(new ChatError("CONNECTION_LOST", "the network is gone"));
  };

  readonly #onOnline = () => {
    if (this.#state.name === "offline") void this.#open();
  };

  /** Closes the connection and ends any attempt to connect, without scheduling another one. */
  #giveUpAll(why: ChatError): void {
    this.#cancelTimer();
    const [connection, attempt] = [this.#connection, this.#attempt];
    this.#connection = this.#attempt = undefined;
    connection?.close(why);
    attempt?.connection?.close(why);
  }

  #become(state: State): void {
    // A client that replaces its open connection stays open, so its state doesn't change.
    const isNews = state.name !== this.#state.name || state.name === "waiting";
    this.#state = state;
    if (isNews) this.states.call(state);
  }
}
