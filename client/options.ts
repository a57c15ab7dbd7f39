import type { Clock } from "./clock.ts";
import type { AppendStore } from "./outbox/store.ts";
import type { NetworkEvents } from "./session/network.ts";
import type { SocketClass } from "./session/socket.ts";

/** Settings of a client, and the parts of its environment that tests and simulations replace. */
export interface ClientOptions {
  /** `wss://…/stage`, or a custom domain alone. API Gateway's own address without a stage is refused. */
  url: string;
  /**
   * Returns a token within 10 s. Called before each connection, and before the current token expires. After an error the
   * client tries again; after a `ChatError` that isn't `retryable` it stops, for example when the person has to sign in.
   */
  token: () => string | Promise<string>;
  /** Keeps unacknowledged messages when the page is reloaded. @default none: they are only in memory */
  store?: AppendStore;
  /** Pause between pings, in milliseconds: how long a lost push can go unnoticed. @default 120,000 */
  heartbeatMs?: number;
  /** @default the global one */
  WebSocket?: SocketClass;
  /** @default the system's clock */
  clock?: Clock;
  /** Creates request ids, each of them unique. @default crypto.randomUUID */
  newId?: () => string;
  /** @default the window, where there is one */
  network?: NetworkEvents;
}
