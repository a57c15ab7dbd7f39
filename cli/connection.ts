/** A connection to the chat that opens again by itself. */
import { EventEmitter } from "node:events";
import { WebSocket } from "ws";

const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;
/** Below API Gateway's idle limit of 10 minutes. */
const HEARTBEAT_MS = 8 * 60_000;
/** A token is replaced this long before its end. */
const REFRESH_EARLY_MS = 60_000;
/** A connection that held this long was a good one: the next pause is short again. */
const STABLE_MS = 5_000;

export interface ConnectionArgs {
  url: string;
  /** Asked for a token before each attempt, and before the last one ends. */
  token: () => Promise<string>;
}

interface Events {
  open: [];
  frame: [frame: Record<string, unknown>];
  /** The connection is gone, or did not open; another attempt follows. */
  lost: [why: string, pauseMs: number];
}

export class ChatConnection extends EventEmitter<Events> {
  readonly #args: ConnectionArgs;
  #socket: WebSocket | undefined;
  #attempts = 0;
  #refresh: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(args: ConnectionArgs) {
    super();
    this.#args = args;
  }

  async open(): Promise<void> {
    let socket: WebSocket;
    let token: string;
    try {
      token = await this.#args.token();
      socket = new WebSocket(this.#args.url, ["chat.v1", `bearer.${token}`]);
    } catch (error) {
      this.#tryAgain((error as Error).message);
      return;
    }
    this.#socket = socket;
    let refused: string | undefined;
    let heartbeat: NodeJS.Timeout | undefined;
    let openedAt = Number.POSITIVE_INFINITY;
    socket.on("open", () => {
      openedAt = performance.now();
      heartbeat = setInterval(() => socket.send(JSON.stringify({ action: "ping" })), HEARTBEAT_MS);
      this.#refreshLater(token);
      this.emit("open");
    });
    socket.on("message", (data) => this.emit("frame", JSON.parse(data.toString())));
    socket.on("unexpected-response", (_, response) => {
      refused = `the server answers ${response.statusCode}`;
      socket.close();
    });
    socket.on("error", (error) => {
      refused ??= error.message;
    });
    socket.on("close", (code) => {
      clearInterval(heartbeat);
      clearTimeout(this.#refresh);
      if (performance.now() - openedAt > STABLE_MS) this.#attempts = 0;
      this.#tryAgain(refused ?? `the connection was closed with ${code}`);
    });
  }

  /** False while there is no connection: nothing was sent. */
  send(frame: object): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#socket?.close();
  }

  /** Sends a newer token in time; one that cannot be had, or is the same again, is left to the next connection. */
  #refreshLater(token: string): void {
    const left = endOf(token) - Date.now();
    // Half of a short life is early enough; a second at least, so that no issuer is asked in a circle.
    const pauseMs = Math.max(1_000, left - Math.min(REFRESH_EARLY_MS, left / 2));
    this.#refresh = setTimeout(async () => {
      const newer = await this.#args.token().catch(() => token);
      if (newer === token || !this.send({ action: "refreshToken", id: crypto.randomUUID(), token: newer })) return;
      this.#refreshLater(newer);
    }, pauseMs);
  }

  /** Full jitter: clients that lost the same server do not come back all at once. */
  #tryAgain(why: string): void {
    if (this.#closed) return;
    const most = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** this.#attempts++);
    const pauseMs = Math.round(Math.random() * most);
    this.emit("lost", why, pauseMs);
    setTimeout(() => void this.open(), pauseMs);
  }
}

/** When a token ends, in milliseconds since 1970, as far as a timer can wait; the issuer alone can vouch for it. */
function endOf(token: string): number {
  const farthest = Date.now() + 2 ** 31 - 1;
  try {
    const { exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { exp?: unknown };
    return typeof exp === "number" ? Math.min(exp * 1000, farthest) : farthest;
  } catch {
    return farthest;
  }
}
