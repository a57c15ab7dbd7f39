import { removeConnection } from "../chat/connections/connections";
import { announce } from "../chat/fanOut/ephemeral";
import { userOf } from "../chat/identity/caller";
import { resource } from "../chat/resource";
import type { MessageEvent, RouteResponse } from "./events";
import { log } from "./log";
import { redactErrors } from "./redactErrors";

export type Uses = { CONNECTIONS_TABLE: "Query" | "BatchWriteItem"; CONNECTIONS_URL: "POST" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const posts = resource<Uses, "CONNECTIONS_URL">("CONNECTIONS_URL");

/**
 * `$disconnect`: removes the connection and tells its rooms. API Gateway does its best to call it, no more; the sweep
 * finds the rest.
 */
export const disconnect = redactErrors(
  "$disconnect",
  async ({ requestContext }: MessageEvent): Promise<RouteResponse> => {
    const started = performance.now();
    const { connectionId, requestId, routeKey } = requestContext;
    const caller = userOf(requestContext);
    const rooms = await removeConnection(connections, { id: connectionId, user: caller.user });
    await announce({ connections, posts }, caller, rooms, false);
    log({ route: routeKey, connectionId, requestId, did: "disconnected", ms: Math.round(performance.now() - started) });
    return { statusCode: 200 };
  },
);
