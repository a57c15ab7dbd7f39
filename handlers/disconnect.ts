import { invokeAsync } from "../chat/fanOut/invokeAsync";
import { userOf } from "../chat/identity/caller";
import { depart } from "../chat/presence/departures";
import { environment } from "./environment";
import type { MessageEvent, RouteResponse } from "./events";
import { log } from "./log";
import { redactErrors } from "./redactErrors";

export type Uses = {
  CONNECTIONS_TABLE: "Query" | "BatchWriteItem" | "PutItem";
  DEPARTURES: "InvokeFunction";
};

const { CONNECTIONS_TABLE: connections, DEPARTURES: departures } = environment<Uses>();

/**
 * `$disconnect`: removes the connection, and has its departure announced unless the person comes back at once. API
 * Gateway calls it on a best-effort basis; the sweep finds the connections that it missed.
 */
export const disconnect = redactErrors(
  "$disconnect",
  async ({ requestContext }: MessageEvent): Promise<RouteResponse> => {
    const started = performance.now();
    const { connectionId, requestId, routeKey } = requestContext;
    const { user } = userOf(requestContext);
    const { slot, isFirst } = await depart(connections, { id: connectionId, user });
    // If this fails, the sweep announces the departure.
    if (isFirst) await invokeAsync(departures, { slot }).catch(() => {});
    log({ route: routeKey, connectionId, requestId, did: "disconnected", ms: Math.round(performance.now() - started) });
    return { statusCode: 200 };
  },
);
