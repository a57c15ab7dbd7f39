import type { User } from "../../protocol/entries.ts";
import type { ChatError } from "../errors.ts";

/**
 * State of a client's connection.
 *
 *                    ready                  lost
 *   connecting ───────────────> open ───────────────> waiting
 *     ^  ^  │                     │                    │  │
 *     │  │  │    the network is gone, in any state     │  │
 *     │  │  │           offline <─────────────────────────┘
 *     │  │  └─ refused ─> stopped <─ displaced ─ open  │
 *     │  └─ the network is back, connect()             │
 *     └─────────────── the pause is over ──────────────┘
 */
export type State =
  | { name: "connecting" }
  | { name: "open"; user: User }
  /** The next attempt follows after a pause. `connect()` makes it now. */
  | { name: "waiting"; retryInMs: number; cause: ChatError }
  /** The network is gone. The next attempt follows when it is back. */
  | { name: "offline" }
  /** No attempt follows until `connect()` is called: trying again would be refused again. */
  | { name: "stopped"; cause: ChatError }
  /** `close()` was called. */
  | { name: "closed" };
