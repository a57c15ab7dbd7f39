/** One WebSocket connection, from its handshake to its end. */
import type { ErrorFrame } from "../../protocol/errors.ts";
import type { ClientFrame } from "../../protocol/requests.ts";
import type { ReadyFrame, ServerFrame } from "../../protocol/responses.ts";
import type { Clock } from "../clock.ts";
import { ChatError } from "../errors.ts";
import type { Socket, SocketClass } from "./socket.ts";

/** Maximum time for opening, and for the answer to `hello`: Lambda may have to start three functions cold. */
const OPEN_TIMEOUT_MS = 20_000;

/** Maximum time for an answer: API Gateway waits 29 s for a function. */
const ANSWER_TIMEOUT_MS = 30_000;

/** After a request has been unanswered for this long, the connection is probed. */
const SLOW_MS = 5_000;

/** After an error that doesn't name its request, an answer that takes longer than this counts as lost. */
const UNCLEAR_MS = 3_000;

const OPEN = 1;

export interface ConnectionArgs {
  url: string;
  token: string;
  WebSocket: SocketClass;
  clock: Clock;
  newId: () => string;
  /** Called with frames that answer no request. */
  onFrame: (frame: ServerFrame, connection: Connection) => void;
  /** Called when a request has been unanswered for 5 s. */
  onSlow: () => void;
  /** Called once when a connection that was ready has ended. */
  onEnd: (connection: Connection, why: ChatError) => void;
}

/** Frames as callers write them; the connection adds ids. */
export type Asked = Without<ClientFrame, "id">;
type Without<Frame, Field extends string> = Frame extends unknown ? Omit<Frame, Field> & { id?: string } : never;

type Answer = Exclude<ServerFrame, ErrorFrame>;

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: ChatError) => void;
  cancelTimers: () => void;
}

export class Connection {
  readonly #args: ConnectionArgs;
  readonly #socket: Socket;
  /** Requests without an answer yet, by id. */
  readonly #waiting = new Map<string, Waiting>();
  #ready = false;
  #ended: ChatError | undefined;
  #whenIdle: (() => void) | undefined;

  /** Starts the handshake. */
  constructor(args: ConnectionArgs) {
    this.#args = args;
    this.#socket = new args.WebSocket(args.url, ["chat.v1", `bearer.${args.token}`]);
  }

  /**
   * Waits until the connection is open and in its rooms.
   *
   * @throws ChatError NOT_CONNECTED, UNAUTHORIZED or FORBIDDEN if it doesn't open, TIMEOUT, or the error that the
   *   server answers to `hello`
   */
  async ready(hello: Extract<Asked, { action: "hello" }>): Promise<ReadyFrame> {
    try {
      await this.#opened();
      const ready = (await this.request(hello, OPEN_TIMEOUT_MS)) as ReadyFrame;
      this.#ready = true;
      return ready;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @throws ChatError the error that the server answers, or TIMEOUT, CONNECTION_LOST or CLOSED */
  request(frame: Asked, timeoutMs = ANSWER_TIMEOUT_MS): Promise<Answer> {
    const id = frame.id ?? this.#args.newId();
    const { clock, onSlow } = this.#args;
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const cancelTimeout = clock.after(timeoutMs, () =>
        this.#settle(id)?.reject(new ChatError("TIMEOUT", `${frame.action} wasn't answered within ${timeoutMs} ms`)),
      );
      const cancelSlow = clock.after(SLOW_MS, () => this.#ready && onSlow());
      const cancelTimers = () => {
        cancelTimeout();
        cancelSlow();
      };
      this.#waiting.set(id, { resolve, reject, cancelTimers });
      this.#send({ ...frame, id });
    });
  }

  /** Sends a frame that has no answer. It may be lost. */
  tell(frame: Asked): void {
    this.#send(frame);
  }

  /** Ends the connection now. Its requests reject. */
  close(why = new ChatError("CONNECTION_LOST", "the connection was closed")): void {
    this.#end(why);
    try {
      this.#socket.close(1000);
    } catch {
      // Some sockets throw when they are closed before they have opened.
    }
  }

  /** Ends the connection as soon as all of its requests are answered, or after a maximum time. `onEnd` isn't called. */
  retire(maxMs: number): void {
    this.#ready = false;
    const close = () => {
      cancelTimer();
      this.close();
    };
    const cancelTimer = this.#args.clock.after(maxMs, close);
    this.#whenIdle = close;
    if (this.#waiting.size === 0) close();
  }

  #opened(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#args.clock.after(OPEN_TIMEOUT_MS, () => {
        reject(new ChatError("TIMEOUT", `the connection didn't open within ${OPEN_TIMEOUT_MS} ms`));
      });
      let message: string | undefined;
      socket.onopen = () => {
        cancelTimer();
        resolve();
      };
      socket.onerror = ((event: { message?: string }) => {
        message = event?.message || message;
      }) as Socket["onerror"];
      socket.onclose = ((event: { code?: number }) => {
        cancelTimer();
        reject(notConnected(message));
        this.#end(new ChatError("CONNECTION_LOST", `the connection was closed with code ${event?.code}`));
      }) as Socket["onclose"];
      socket.onmessage = (({ data }: { data: unknown }) => this.#receive(String(data))) as Socket["onmessage"];
    });
  }

  #receive(text: string): void {
    if (this.#ended !== undefined) return;
    const frame = parse(text);
    if (frame === undefined) return;
    if (frame.type === undefined) {
      this.#gatewayFailed(frame);
      return;
    }
    const waiting = "id" in frame && frame.id !== undefined ? this.#settle(frame.id) : undefined;
    if (waiting === undefined) this.#args.onFrame(frame, this);
    else if (frame.type === "error") waiting.reject(ChatError.of(frame));
    else waiting.resolve(frame);
  }

  /**
   * Handles API Gateway's own errors, which don't name their request. If one request is in flight, the error is about
   * that one. If several are, those that aren't answered soon are rejected, because requests can be repeated safely.
   */
  #gatewayFailed({ message }: { message?: unknown }): void {
    const error = new ChatError(
      message === "Too Many Requests" ? "THROTTLED" : "INTERNAL",
      `API Gateway answered: ${message}`,
    );
    const ids = [...this.#waiting.keys()];
    for (const id of ids) {
      const giveUp = () => void this.#settle(id)?.reject(error);
      if (ids.length === 1) giveUp();
      else this.#args.clock.after(UNCLEAR_MS, giveUp);
    }
  }

  #settle(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    waiting.cancelTimers();
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#whenIdle?.();
    return waiting;
  }

  #send(frame: object): void {
    // A socket that is closing would accept the frame and lose it; its close event follows soon.
    if (this.#socket.readyState === OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #end(why: ChatError): void {
    if (this.#ended !== undefined) return;
    // Other reasons concern the connection and don't answer its requests, which can be repeated over the next one.
    const isOwn = why.code === "CLOSED" || why.code === "TIMEOUT";
    this.#ended = isOwn ? why : new ChatError("CONNECTION_LOST", why.message, { cause: why });
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(this.#ended);
    if (this.#ready) this.#args.onEnd(this, why);
  }
}

/** @param message what the socket reports: `ws` names the HTTP status, browsers and Node say nothing */
function notConnected(message = "the server wasn't reached, or it refused"): ChatError {
  const status = /\b40[13]\b/.exec(message)?.[0];
  const failed = "the connection didn't open";
  if (status === "401") return new ChatError("UNAUTHORIZED", `${failed}: the token was refused (${message})`);
  if (status === "403") {
    const advice = "check the stage in the URL and the origins that are allowed";
    return new ChatError("FORBIDDEN", `${failed}: ${message}; ${advice}`, { retryable: false });
  }
  return new ChatError("NOT_CONNECTED", `${failed}: ${message}`);
}

/** @returns undefined for anything but a JSON object */
function parse(text: string): ServerFrame | undefined {
  try {
    const frame = JSON.parse(text);
    return typeof frame === "object" && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}
