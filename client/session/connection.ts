/** One WebSocket connection, from its handshake to its end. */
import type { ErrorFrame } from "../../protocol/errors.ts";
import type { ClientFrame } from "../../protocol/requests.ts";
import type { ReadyFrame, ServerFrame } from "../../protocol/responses.ts";
import type { Clock } from "../clock.ts";
import { ChatError } from "../errors.ts";
import type { Socket } from "./socket.ts";

/** Lambda may have to start three functions cold before the answer to `hello`. */
const OPEN_TIMEOUT_MS = 20_000;

/** API Gateway waits 29 s for a function. */
export const ANSWER_TIMEOUT_MS = 30_000;

/** Answers that come later than this after an error that may be about them do not come. */
const UNCLEAR_MS = 3_000;

const OPEN = 1;

export interface ConnectionArgs {
  url: string;
  token: string;
  WebSocket: new (url: string, protocols: string[]) => Socket;
  clock: Clock;
  newId: () => string;
  /** Frames that answer nothing. */
  onFrame: (frame: ServerFrame, connection: Connection) => void;
  /** Once, after it was ready. */
  onEnd: (connection: Connection, why: ChatError) => void;
}

/** Frames as applications write them: ids are added here. */
export type Asked = Without<ClientFrame, "id">;
type Without<Frame, Field extends string> = Frame extends unknown ? Omit<Frame, Field> & { id?: string } : never;

type Answer = Exclude<ServerFrame, ErrorFrame>;

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: ChatError) => void;
  stopTimer: () => void;
}

export class Connection {
  readonly #args: ConnectionArgs;
  readonly #socket: Socket;
  /** By request id. */
  readonly #waiting = new Map<string, Waiting>();
  #ready = false;
  #ended: ChatError | undefined;
  #whenIdle: (() => void) | undefined;

  /** Begins its handshake. */
  constructor(args: ConnectionArgs) {
    this.#args = args;
    this.#socket = new args.WebSocket(args.url, ["chat.v1", `bearer.${args.token}`]);
  }

  /**
   * Waits until it is open, and puts it into rooms.
   *
   * @throws ChatError CONNECTION_LOST when it does not open, TIMEOUT when that takes too long, or the server's
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

  /** @throws ChatError the server's, TIMEOUT, CONNECTION_LOST or CLOSED */
  request(frame: Asked, timeoutMs = ANSWER_TIMEOUT_MS): Promise<Answer> {
    const id = frame.id ?? this.#args.newId();
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const stopTimer = this.#args.clock.after(timeoutMs, () =>
        this.#settle(id)?.reject(new ChatError("TIMEOUT", `${frame.action} was not answered within ${timeoutMs} ms`)),
      );
      this.#waiting.set(id, { resolve, reject, stopTimer });
      this.#send({ ...frame, id });
    });
  }

  /** Sends what has no answer; it may be lost. */
  tell(frame: Asked): void {
    this.#send(frame);
  }

  /** Ends it now; who waits for an answer is told why. */
  close(why = new ChatError("CONNECTION_LOST", "the connection was closed")): void {
    this.#end(why);
    try {
      this.#socket.close(1000);
    } catch {
      // Some sockets throw when they are closed before they have opened.
    }
  }

  /** Ends it as soon as nobody waits for an answer from it any more; its end is then nobody's business. */
  retire(longestMs: number): void {
    this.#ready = false;
    const close = () => {
      stopTimer();
      this.close();
    };
    const stopTimer = this.#args.clock.after(longestMs, close);
    this.#whenIdle = close;
    if (this.#waiting.size === 0) close();
  }

  #opened(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const stopTimer = this.#args.clock.after(OPEN_TIMEOUT_MS, () => {
        reject(new ChatError("TIMEOUT", `the connection did not open within ${OPEN_TIMEOUT_MS} ms`));
      });
      let why = "the connection did not open: the server refused it or was not reached";
      socket.onopen = () => {
        stopTimer();
        resolve();
      };
      socket.onerror = ((event: { message?: string }) => {
        if (event?.message) why = event.message;
      }) as Socket["onerror"];
      socket.onclose = ((event: { code?: number }) => {
        stopTimer();
        const lost = new ChatError(
          "CONNECTION_LOST",
          this.#ready ? `the connection was closed with ${event?.code}` : why,
        );
        reject(lost);
        this.#end(lost);
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
   * API Gateway's own errors do not say which frame they are about. Where one answer is awaited, it is clear; of several
   * those that do not come soon are given up, for whatever is asked may be asked again.
   */
  #gatewayFailed({ message }: { message?: unknown }): void {
    const error = new ChatError(
      message === "Too Many Requests" ? "THROTTLED" : "INTERNAL",
      `API Gateway answers: ${message}`,
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
    waiting.stopTimer();
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#whenIdle?.();
    return waiting;
  }

  #send(frame: object): void {
    // One that is closing takes frames and loses them; its end is told soon.
    if (this.#socket.readyState === OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #end(why: ChatError): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(why);
    if (this.#ready) this.#args.onEnd(this, why);
  }
}

/** @returns undefined for what is no frame: nobody here has asked for it */
function parse(text: string): ServerFrame | undefined {
  try {
    const frame = JSON.parse(text);
    return typeof frame === "object" && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}
