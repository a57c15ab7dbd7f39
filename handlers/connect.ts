import { addConnection, recheckOtherConnections } from "../chat/connections/connections";
import { userOf } from "../chat/identity/caller";
import { type Rates, SharedRate } from "../chat/limits/rates";
import { resource } from "../chat/resource";
import { enter } from "../chat/rooms/members";
import { LOBBY } from "../protocol/requests";
import type { ConnectEvent, RouteResponse } from "./events";
import { log } from "./log";
import { redactErrors } from "./redactErrors";
import { CHAT_V1, offeredProtocols } from "./subprotocols";

export type Uses = {
  CONNECTIONS_TABLE: "BatchGetItem" | "BatchWriteItem" | "PutItem" | "Query" | "UpdateItem";
  RATES: "setting";
  SWEEP_MINUTES: "setting";
};

const connections = resource<Uses, "CONNECTIONS_TABLE">("CONNECTIONS_TABLE");
const rates: Rates = JSON.parse(resource<Uses, "RATES">("RATES"));
const connects = new SharedRate(connections, "connects", rates.connects);
const sweepMs = Number(resource<Uses, "SWEEP_MINUTES">("SWEEP_MINUTES")) * 60_000;

/**
 * `$connect`: stores the connection, puts it into the lobby and chooses the subprotocol, which API Gateway does not do by itself. It cannot
 * greet: a post before it has returned is answered with 410.
 */
export const connect = redactErrors(
  "$connect",
  async ({ requestContext, headers = {} }: ConnectEvent): Promise<RouteResponse> => {
    const started = performance.now();
    const { connectionId, requestId, routeKey, connectedAt } = requestContext;
    const finish = (statusCode: number, did: string, answer: RouteResponse["headers"]): RouteResponse => {
      log({ route: routeKey, connectionId, requestId, did, ms: Math.round(performance.now() - started) });
      return { statusCode, ...(answer === undefined ? {} : { headers: answer }) };
    };
    const header = Object.entries(headers).find(([name]) => name.toLowerCase() === "sec-websocket-protocol")?.[1];
    if (!offeredProtocols(header).chat) return finish(400, "refused", undefined);
    const { user, tokenExpiresAt } = userOf(requestContext);
    if ((await connects.take(user.id)) > 0) return finish(429, "RATE_LIMITED", undefined);
    const connection = { id: connectionId, user, connectedAt, tokenExpiresAt };
    await addConnection(connections, connection, sweepMs);
    await enter(connections, connection, [LOBBY]);
    await recheckOtherConnections(connections, connection);
    return finish(200, "connected", { "Sec-WebSocket-Protocol": CHAT_V1 });
  },
);
