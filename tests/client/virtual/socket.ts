import type { Socket } from "../../../client/session/socket.ts";
import type { Frame } from "../../webSocketClient.ts";

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];

/** The part of the server that a socket uses. */
interface SocketServer {
  readonly clock: { now(): number };
  arrived(socket: VirtualSocket): void;
  sent(socket: VirtualSocket, frame: Frame): void;
  later(action: () => void): void;
}

type Handler = ((event: never) => void) | null;

/** A WebSocket whose other end is in this process and controlled by the test. */
export class VirtualSocket implements Socket {
  readonly url: string;
  readonly protocols: string[];
  readonly openedAt: number;
  /** Frames that the client sent, in order. */
  readonly sent: Frame[] = [];
  /** Rooms that the server has added this connection to. */
  readonly rooms = new Set<string>();
  readyState: number = CONNECTING;
  /** The code with which the client closed the socket. */
  closedWith: number | undefined;
  /** Whether the wire is cut and neither side has noticed. */
  isSilent = false;
  /** Whether the server leaves the client's close frame unanswered. */
  closesLate = false;
  onopen: Handler = null;
  onmessage: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;
  readonly #server: SocketServer;

  constructor(server: SocketServer, url: string, protocols: string[]) {
    this.#server = server;
    this.url = url;
    this.protocols = protocols;
    this.openedAt = server.clock.now();
    server.arrived(this);
  }

  get token(): string {
    return (this.protocols[1] as string).slice("bearer.".length);
  }

  /** A token is a user's name, optionally followed by an @ and anything else. */
  get user(): string {
    return this.token.split("@")[0] as string;
  }

  get isOpen(): boolean {
    return this.readyState === OPEN;
  }

  send(data: string): void {
    if (this.readyState === CONNECTING) throw new Error("a frame was sent before the WebSocket had opened");
    if (this.readyState !== OPEN) return;
    const frame = JSON.parse(data);
    this.sent.push(frame);
    this.#server.sent(this, frame);
  }

  close(code = 1005): void {
    if (this.readyState >= CLOSING) return;
    this.readyState = CLOSING;
    this.closedWith = code;
    if (this.isSilent || this.closesLate) return;
    this.#server.later(() => this.end(code));
  }

  // The members below are the server's side.

  open(): void {
    if (this.readyState !== CONNECTING) return;
    this.readyState = OPEN;
    this.onopen?.({} as never);
  }

  /** Delivers a frame to the client in any state but CLOSED: `ws` also delivers frames while a socket is closing. */
  say(frame: Frame): void {
    if (this.readyState === CLOSED) throw new Error("a WebSocket that has closed brings no frames");
    const data = typeof frame === "string" ? frame : JSON.stringify(frame);
    this.onmessage?.({ data } as never);
  }

  /** Closes the socket at once; frames in flight are lost. */
  end(code = 1006, message?: string): void {
    if (this.readyState === CLOSED) return;
    const wasOpen = this.readyState !== CONNECTING;
    this.readyState = CLOSED;
    if (!wasOpen) this.onerror?.((message === undefined ? {} : { message }) as never);
    this.onclose?.({ code } as never);
  }
}
