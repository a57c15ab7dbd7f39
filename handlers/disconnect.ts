import { removeConnection } from "../chat/connections";
import { resource } from "../chat/resource";
import type { MessageEvent, RouteResponse } from "./events";
import { log } from "./log";

export type Uses = { CONNECTIONS_TABLE: "Query" | "BatchWriteItem" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");

/** `$disconnect`: removes the connection. API Gateway does its best to call it, no more; the TTL removes the rest. */
export async function disconnect({ requestContext }: MessageEvent): Promise<RouteResponse> {
  const started = performance.now();
  const { connectionId, requestId, routeKey } = requestContext;
  await removeConnection(connections, connectionId);
  log({ route: routeKey, connectionId, requestId, did: "disconnected", ms: Math.round(performance.now() - started) });
  return { statusCode: 200 };
}
