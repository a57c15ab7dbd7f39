import { userOf } from "../chat/identity/caller";
import type { Limits } from "../chat/limits/limits";
import { Strikes } from "../chat/limits/strikes";
import type { ErrorFrame } from "../protocol/errors";
import { environment } from "./environment";
import type { MessageEvent, RouteResponse } from "./events";
import { echoOf, parse } from "./frame";
import { log } from "./log";

export type Uses = { CONNECTIONS_TABLE: "UpdateItem"; CONNECTIONS_URL: "POST" | "DELETE"; LIMITS: "setting" };

const { CONNECTIONS_TABLE: table, CONNECTIONS_URL: api, LIMITS } = environment<Uses>();
const limits: Limits = JSON.parse(LIMITS);
const strikes = new Strikes(table, api, limits);

/** `$default`: answers frames that match no other route, so that no client waits for an answer that never comes. */
export async function unknownAction({ body, requestContext }: MessageEvent): Promise<RouteResponse> {
  const started = performance.now();
  const answer = errorFor(parse(body));
  const { connectionId, requestId, routeKey } = requestContext;
  await strikes.add(userOf(requestContext).user.id, connectionId);
  log({ route: routeKey, connectionId, requestId, did: answer.code, ms: Math.round(performance.now() - started) });
  return { statusCode: 200, body: JSON.stringify(answer) };
}

function errorFor(frame: unknown): ErrorFrame {
  const error = { type: "error", retryable: false, ...echoOf(frame) } as const;
  if (frame === undefined) return { ...error, code: "BAD_JSON", message: "the frame is not JSON" };
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
    return { ...error, code: "BAD_REQUEST", message: 'a frame is an object such as {"action":"ping"}' };
  }
  const { action } = frame as { action?: unknown };
  if (typeof action !== "string") {
    return { ...error, code: "BAD_REQUEST", path: "action", message: "action: the name of an action is expected" };
  }
  return { ...error, code: "UNKNOWN_ACTION", message: `there is no action ${JSON.stringify(action.slice(0, 64))}` };
}
