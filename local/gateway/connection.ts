/** One open connection. */
import type { WebSocket } from "ws";
import type { ConnectionFacts } from "./events.ts";
import { limitFrames, MAX_FRAME_BYTES } from "./limits.ts";

export interface Lifetimes {
  /** Milliseconds without a message until the connection is closed; 10 minutes on AWS. */
  idleMs: number;
  /** Milliseconds until the connection is closed even if it is in use; 2 hours on AWS. */
  lifetimeMs: number;
}

/** API Gateway answers posts with 429 while a client has this much unread. The real limit isn't documented. */
const FULL_BUFFER_BYTES = 1024 * 1024;

export class Connection {
  readonly facts: ConnectionFacts;
  lastActiveAt: number;
  readonly #socket: WebSocket;
  readonly #end: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;
  /** Set if the server closed the connection. The client's close frame then doesn't count. */
  #closedAs: { code: number; reason: string } | undefined;

  constructor(
    socket: WebSocket,
    facts: ConnectionFacts,
    lifetimes: Lifetimes,
    on: { message: (text: string) => void; close: (code: number, reason: string) => void },
  ) {
    this.facts = facts;
    this.lastActiveAt = facts.connectedAt;
    this.#socket = socket;
    limitFrames(socket);
    this.#end = setTimeout(() => this.close(1001, "Going away"), lifetimes.lifetimeMs);
    this.#idle = setTimeout(() => this.close(1001, "Going away"), lifetimes.idleMs);
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) {
        this.close(1003, "Binary frames are not supported");
        return;
      }
      this.#touch();
      on.message(data.toString("utf8"));
    });
    // ws closes the connection with the appropriate code, and nobody else needs to know.
    socket.on("error", () => {});
    socket.on("close", (code, reason) => {
      clearTimeout(this.#end);
      clearTimeout(this.#idle);
      const closed = this.#closedAs ?? { code, reason: code === 1005 ? NO_STATUS : reason.toString("utf8") };
      on.close(closed.code, closed.reason);
    });
  }

  /** Sends a text, in frames of at most 32 KB. Returns false if the client doesn't read what was sent before. */
  send(data: Buffer): boolean {
    if (this.#socket.bufferedAmount > FULL_BUFFER_BYTES) return false;
    this.#touch();
    for (let start = 0; start === 0 || start < data.length; start += MAX_FRAME_BYTES) {
      const fin = start + MAX_FRAME_BYTES >= data.length;
      this.#socket.send(data.subarray(start, start + MAX_FRAME_BYTES), { binary: false, fin });
    }
    return true;
  }

  /** Closes the connection. The client has a second to answer before the socket is destroyed. */
  close(code: number, reason: string): void {
    this.#closedAs ??= code === 1000 ? { code, reason: "Connection Closed Normally" } : { code, reason };
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), 1000).unref();
  }

  /** Restarts the idle timeout after a message in either direction. AWS doesn't say whether control frames count. */
  #touch(): void {
    this.lastActiveAt = Date.now();
    this.#idle.refresh();
  }
}

const NO_STATUS = "Client-side close frame status not set";
