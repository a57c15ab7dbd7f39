import { addConnection } from "../chat/connections";
import { userOf } from "../chat/identity";
import { resource } from "../chat/resource";
import type { ConnectEvent, RouteResponse } from "./events";
import { log } from "./log";
import { CHAT_V1, offeredProtocols } from "./subprotocols";

export type Uses = { CONNECTIONS_TABLE: "BatchWriteItem" };

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");

/**
 * `$connect`: stores the connection and chooses the subprotocol, which API Gateway does not do by itself. It cannot
 * greet: a post before it has returned is answered with 410.
 */
export async function connect({ requestContext, headers = {} }: ConnectEvent): Promise<RouteResponse> {
  const started = performance.now();
  const { connectionId, requestId, routeKey, connectedAt } = requestContext;
  const finish = (statusCode: number, did: string, answer: RouteResponse["headers"]): RouteResponse => {
    log({ route: routeKey, connectionId, requestId, did, ms: Math.round(performance.now() - started) });
    return { statusCode, ...(answer === undefined ? {} : { headers: answer }) };
  };
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === "sec-websocket-protocol")?.[1];
  if (!offeredProtocols(header).chat) return finish(400, "refused", undefined);
  const { user, tokenExpiresAt } = userOf(requestContext);
  await addConnection(connections, { id: connectionId, user, connectedAt, tokenExpiresAt });
  return finish(200, "connected", { "Sec-WebSocket-Protocol": CHAT_V1 });
}
