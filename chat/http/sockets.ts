import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectByTls } from "node:tls";
import { KeptSocket } from "./keptSocket";

/** Maximum number of sockets to one server, and so of requests in flight. */
const MAX_SOCKETS = 100;

/** Where a server listens. */
export interface Server {
  /** `https:`, or `http:` in the local cloud. */
  protocol: string;
  hostname: string;
  port: number;
}

/** The port in a URL, or its protocol's default. */
export function portOf(protocol: string, port: string | number | undefined): number {
  return Number(port) || (protocol === "http:" ? 80 : 443);
}

/** The kept-alive sockets to one server. */
export class Sockets {
  readonly #server: Server;
  /** Sockets without a request. The one that was used last is taken first, so that the others grow old and close. */
  #free: KeptSocket[] = [];
  readonly #waiting: ((socket: KeptSocket) => void)[] = [];
  #count = 0;
  /** The latest TLS session, which makes the next handshakes cheaper. */
  #session: Buffer | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Returns a socket for one request, as soon as one is free. It has to be given back.
   *
   * @param deadlineMs maximum time to wait for one, in milliseconds
   * @param late the error to throw after that time
   */
  async take(deadlineMs: number | undefined, late: () => Error): Promise<KeptSocket> {
    for (;;) {
      const socket = this.#free.pop();
      if (socket === undefined) break;
      if (socket.isOpen) return socket;
    }
    if (this.#count < MAX_SOCKETS) return this.#open();
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        reject(late());
      };
      const timer = deadlineMs === undefined ? undefined : setTimeout(giveUp, deadlineMs);
      const start = (socket: KeptSocket) => {
        clearTimeout(timer);
        resolve(socket);
      };
      this.#waiting.push(start);
    });
  }

  /** Takes back a socket whose request has ended, with or without an answer. */
  give(socket: KeptSocket): void {
    if (!socket.isOpen) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(socket);
    else next(socket);
  }

  /** Closes all sockets without a request. */
  closeFree(): void {
    for (const socket of this.#free) socket.destroy();
    this.#free = [];
  }

  #open(): KeptSocket {
    this.#count += 1;
    return new KeptSocket(this.#connect(), () => {
      this.#count -= 1;
      const next = this.#waiting.shift();
      if (next !== undefined) next(this.#open());
    });
  }

  #connect(): Socket {
    const { protocol, hostname: host, port } = this.#server;
    if (protocol === "http:") return connectPlain({ host, port, noDelay: true });
    const session = this.#session === undefined ? {} : { session: this.#session };
    const socket = connectByTls({ host, port, servername: host, ALPNProtocols: ["http/1.1"], ...session });
    socket.on("session", (latest: Buffer) => {
      this.#session = latest;
    });
    return socket.setNoDelay(true);
  }
}
