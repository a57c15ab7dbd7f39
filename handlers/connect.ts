import { addConnection, type Connection, connectionsOf } from "../chat/connections/connections";
import { dismiss } from "../chat/connections/connectionsApi";
import { duePut, soon } from "../chat/connections/due";
import { userOf } from "../chat/identity/caller";
import type { Limits } from "../chat/limits/limits";
import { SharedRate } from "../chat/limits/sharedRate";
import { enterFirst } from "../chat/rooms/join";
import { batchWrite } from "../chat/tables/batchWrite";
import { environment } from "./environment";
import type { ConnectEvent, RouteResponse } from "./events";
import { log } from "./log";
import { redactErrors } from "./redactErrors";
import { CHAT_V1, offeredProtocols } from "./subprotocols";

export type Uses = {
  CONNECTIONS_TABLE: "BatchGetItem" | "BatchWriteItem" | "PutItem" | "Query" | "UpdateItem";
  CONNECTIONS_URL: "POST" | "DELETE";
  LIMITS: "setting";
  LOBBY: "setting";
  SWEEP_MINUTES: "setting";
};

const env = environment<Uses>();
const { CONNECTIONS_TABLE: connections, CONNECTIONS_URL: api, LOBBY: lobby } = env;
const limits: Limits = JSON.parse(env.LIMITS);
const connects = new SharedRate(connections, "connects", limits.connects);
const sweepMs = Number(env.SWEEP_MINUTES) * 60_000;

/**
 * The `bye` on a connection that is closed in favor of a newer one of the same person. Its client reconnects only when
 * the user asks for it.
 */
const DISPLACED = { reason: "too many connections", retryAfterMs: 0 };

/**
 * `$connect`: stores the connection, adds it to the lobby and chooses the subprotocol, which API Gateway does not do by
 * itself. It can't post a greeting, because posts fail with 410 until it has returned.
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
    await addConnection(connections, connection, sweepMs, lobby === "" ? [] : [lobby]);
    // The person's other connections are checked while the lobby is joined. This connection is already stored, so the
    // next handshake will see it.
    await Promise.all([lobby === "" ? [] : enterFirst(connections, connection, lobby), makeRoom(connection)]);
    return finish(200, "connected", { "Sec-WebSocket-Protocol": CHAT_V1 });
  },
);

/**
 * Closes the oldest connections of a person who has too many, and makes the sweep check whether the others are open.
 */
async function makeRoom({ id, user }: Connection): Promise<void> {
  const others = (await connectionsOf(connections, user.id)).filter((other) => other.id !== id);
  if (others.length === 0) return;
  // One row makes the sweep check all of the person's connections, so the tenth one costs no more than the second.
  await batchWrite(connections, [duePut("USER", user.id, soon())]);
  const surplus = others.length + 1 - limits.connectionsPerPerson;
  const oldest = others.sort((a, b) => a.connectedAt - b.connectedAt).slice(0, Math.max(0, surplus));
  await Promise.all(oldest.map((other) => dismiss(api, other.id, DISPLACED)));
}
