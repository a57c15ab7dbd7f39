import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";
import { addConnection } from "../chat/connections";
import { callerOf } from "../chat/identity";
import { resource } from "../chat/resource";
import { log } from "./log";
import type { RouteResponse } from "./messageRoute";

export type Uses = { CONNECTIONS_TABLE: "BatchWriteItem" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");

/** `$connect`: stores the connection. It cannot greet: a post before it has returned is answered with 410. */
export async function connect({ requestContext }: APIGatewayProxyWebsocketEventV2): Promise<RouteResponse> {
  const started = performance.now();
  const { connectionId, requestId, routeKey, connectedAt } = requestContext;
  await addConnection(connections, { id: connectionId, user: callerOf(requestContext).user, connectedAt });
  log({ route: routeKey, connectionId, requestId, did: "connected", ms: Math.round(performance.now() - started) });
  return { statusCode: 200 };
}
