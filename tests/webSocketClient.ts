/** A WebSocket client for tests. Frames are queued, so a test can't miss one by looking late. */
import { type ClientOptions, WebSocket } from "ws";

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a frame
export type Frame = any;

/** The handshake was answered with a status other than 101. */
export class HandshakeRefused extends Error {
  override name = "HandshakeRefused";
  readonly status: number;

  constructor(status: number) {
    super(`the handshake was answered with ${status}`);
    this.status = status;
  }
}

export class TestClient {
  readonly socket: WebSocket;
  /** Frames that no `next` has taken yet, oldest first. */
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => {
      this.frames.push(...oneByOne(parse(data.toString())));
      for (const look of this.#waiting) look();
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Opens a connection. @throws HandshakeRefused with the status */
  static open(url: string, protocols: string[] = [], options: ClientOptions = {}): Promise<TestClient> {
    const socket = new WebSocket(url, protocols, options);
    const client = new TestClient(socket);
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(client));
      socket.once("unexpected-response", (_, response) => {
        reject(new HandshakeRefused(response.statusCode ?? 0));
        socket.terminate();
      });
      socket.on("error", reject);
    });
  }

  /** Sends an object as JSON, a string as it is. */
  send(frame: unknown): void {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /**
   * Takes the oldest frame that the test accepts, received already or later.
   *
   * @throws Error if no such frame arrives within this time
   */
  next(accept: (frame: Frame) => boolean = () => true, withinMs = 10_000): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const at = this.frames.findIndex(accept);
        if (at === -1) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(this.frames.splice(at, 1)[0]);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no such frame within ${withinMs} ms; there are ${JSON.stringify(this.frames)}`));
      }, withinMs);
      this.#waiting.add(look);
      look();
    });
  }

  /** Sends a request and takes its answer. */
  ask(frame: { id: string; [field: string]: unknown }): Promise<Frame> {
    this.send(frame);
    return this.next(({ id, type }) => id === frame.id && type !== "event");
  }

  async close(code = 1000): Promise<void> {
    this.socket.close(code);
    await this.closed;
  }
}

/** Splits an event with several entries into several events, because their grouping depends on other traffic. */
function oneByOne(frame: Frame): Frame[] {
  if (frame?.type !== "event" || !Array.isArray(frame.entries)) return [frame];
  return frame.entries.map((entry: Frame) => ({ ...frame, entries: [entry] }));
}

function parse(text: string): Frame {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
