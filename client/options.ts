/** What a client is made from, and what of the world it touches: a test or a simulation brings its own. */
import type { AppendStore } from "./outbox/store.ts";

/** The part of a WebSocket that is used: that of browsers, of Node, of `ws`. */
export interface Socket {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @returns what takes the timer back */
  after(ms: number, callback: () => void): () => void;
  /** At least 0, less than 1. */
  random(): number;
}

/** Says `online` and `offline`, as a window does. */
export interface NetworkEvents {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

export interface ClientOptions {
  /** `wss://…/stage`. */
  url: string;
  /** Asked before each connection, and before the last token ends. */
  token: () => string | Promise<string>;
  /** Keeps what is sent until it is acknowledged, through a reload of the page. @default in memory only */
  store?: AppendStore;
  /** Pause between pings, in milliseconds: how long a lost push can stay unseen. @default 120,000 */
  heartbeatMs?: number;
  /** @default the global one */
  WebSocket?: new (
    url: string,
    protocols: string[],
  ) => Socket;
  /** @default the system's */
  clock?: Clock;
  /** Makes request ids; none may come twice. @default crypto.randomUUID */
  newId?: () => string;
  /** @default the window, where there is one */
  network?: NetworkEvents;
}
