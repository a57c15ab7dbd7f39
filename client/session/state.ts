import type { User } from "../../protocol/entries.ts";
import type { ChatError } from "../errors.ts";

/**
 * State of a client's connection.
 *
 *   connecting ──> open        the server is ready
 *   connecting ──> waiting     the attempt has failed
 *   connecting ──> stopped     the server, or the token function, refuses for good
 *   open ────────> waiting     the connection is lost, dead, or useless because its token has expired
 *   open ────────> stopped     another connection of the user has taken its place
 *   waiting ─────> connecting  the pause is over
 *   offline ─────> connecting  the network is back
 *
 * From any state but `stopped`, the loss of the network leads to `offline`. From `waiting`, `offline` and `stopped`,
 * `connect()` leads to `connecting`. From any state, `close()` leads to `closed`, which is the end.
 */
export type State =
  | { name: "connecting" }
  | { name: "open"; user: User }
  /** The next attempt follows after a pause. `connect()` makes it now. */
  | { name: "waiting"; retryInMs: number; cause: ChatError }
  /** The network is gone. The next attempt follows when it is back. */
  | { name: "offline" }
  /** No attempt follows until `connect()` is called, because it would be refused again. */
  | { name: "stopped"; cause: ChatError }
  /** `close()` was called. */
  | { name: "closed" };
