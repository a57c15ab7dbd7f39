import type { Socket } from "node:net";
import { type HttpResponse, ResponseReader } from "./response";

/** Thrown if the server closes a socket before it has answered. */
export class SocketClosed extends Error {
  override name = "SocketClosed";
  /** A code after which the AWS SDK tries again. */
  readonly code = "ECONNRESET";
  /**
   * Whether the socket had served an earlier request and got nothing for this one: then the server has probably closed
   * it before the request arrived.
   */
  readonly wasKept: boolean;

  constructor(wasKept: boolean, cause: Error | undefined) {
    super("the server closed the socket before it answered", { cause });
    this.wasKept = wasKept;
  }
}

/** The request that a socket is serving. */
interface Exchange {
  reader: ResponseReader;
  hasBegun: boolean;
  resolve: (response: HttpResponse) => void;
  reject: (error: Error) => void;
}

/** A socket that serves one request after another. */
export class KeptSocket {
  readonly #socket: Socket;
  #exchange: Exchange | undefined;
  #isKept = false;
  #isOpen = true;

  /** @param onClosed runs once, when the socket has closed */
  constructor(socket: Socket, onClosed: () => void) {
    this.#socket = socket;
    let failure: NodeJS.ErrnoException | undefined;
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("close", () => {
      this.#isOpen = false;
      this.#fail(failure);
      onClosed();
    });
  }

  /** Whether it can serve another request. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Sends a request. The socket serves no other one until it is answered.
   *
   * @param request as sent, one character per byte
   * @throws SocketClosed; MalformedResponse; the socket's error, such as ECONNREFUSED
   */
  send(request: string): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      this.#exchange = { reader: new ResponseReader(), hasBegun: false, resolve, reject };
      // The process has to wait for the answer, but not for sockets without a request.
      this.#socket.ref();
      this.#socket.write(request, "latin1");
    });
  }

  /** Closes the socket. @param error what the request that it serves fails with */
  destroy(error?: Error): void {
    this.#isOpen = false;
    this.#socket.destroy(error);
  }

  #take(bytes: Buffer): void {
    const exchange = this.#exchange;
    // A server that sends something unasked says why it is closing the socket, or breaks the protocol.
    if (exchange === undefined) {
      this.destroy();
      return;
    }
    exchange.hasBegun = true;
    try {
      const response = exchange.reader.push(bytes);
      if (response !== undefined) this.#succeed(exchange, response);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #succeed({ reader, resolve }: Exchange, response: HttpResponse): void {
    this.#exchange = undefined;
    // A server that answers before it has read the request may never read the rest, nor the next request.
    if (reader.leavesSocketOpen && this.#socket.writableLength === 0) {
      this.#isKept = true;
      this.#socket.unref();
    } else this.destroy();
    resolve(response);
  }

  #fail(failure: NodeJS.ErrnoException | undefined): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    const response = failure === undefined ? exchange.reader.end() : undefined;
    if (response !== undefined) {
      this.#succeed(exchange, response);
      return;
    }
    this.#exchange = undefined;
    const wasClosed = failure === undefined || failure.code === "ECONNRESET" || failure.code === "EPIPE";
    exchange.reject(wasClosed ? new SocketClosed(this.#isKept && !exchange.hasBegun, failure) : failure);
  }
}
