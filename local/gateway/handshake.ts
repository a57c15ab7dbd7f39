/** The handshake of a connection: its authorizer and its `$connect` function decide whether it opens. */
import { logAccess } from "./accessLog.ts";
import { authorize } from "./authorizer.ts";
import type { GatewayBackend } from "./backend.ts";
import type { Route, Stage } from "./definition.ts";
import type { ConnectionFacts, GatewayEvent } from "./events.ts";
import { invokeRoute } from "./invoke.ts";

/** The client gets this status and message; the reason is reported to the person who runs the local cloud. */
export interface Refusal {
  status: number;
  message: string;
  why: string;
}

/** The authorizer's context is written to the facts and the event, which `$connect` then receives. */
export async function decideHandshake(
  backend: GatewayBackend,
  stage: Stage,
  facts: ConnectionFacts,
  event: GatewayEvent,
): Promise<{ subprotocol: string | undefined } | Refusal> {
  const route = stage.deployed.routes.get("$connect");
  if (route === undefined) return { subprotocol: undefined };
  if (route.authorizationType !== "NONE") {
    const authorized = await authorizeRoute(backend, stage, facts, route, event);
    if ("status" in authorized) {
      logAccess(backend, stage, event, { status: authorized.status });
      return { ...authorized, message: MESSAGES[authorized.status] };
    }
    facts.authorizer = authorized.context;
    event.requestContext.authorizer = authorized.context;
  }
  const integrated = await invokeRoute(backend, { apiId: facts.apiId, stage, route }, event);
  if ("error" in integrated) {
    const status = integrated.refused ? 500 : 502;
    return { status, message: MESSAGES[status], why: `$connect failed: ${integrated.error}` };
  }
  const result = (integrated.result ?? {}) as { statusCode?: unknown; headers?: Record<string, string> };
  const { statusCode, headers = {} } = result;
  if (typeof statusCode !== "number") {
    return { status: 502, message: MESSAGES[502], why: "$connect returned no statusCode" };
  }
  if (statusCode < 200 || statusCode > 299) {
    return { status: statusCode, message: "Refused", why: `$connect returned ${statusCode}` };
  }
  const protocol = Object.entries(headers).find(([name]) => name.toLowerCase() === "sec-websocket-protocol");
  return { subprotocol: protocol?.[1] };
}

const MESSAGES = { 401: "Unauthorized", 403: "Forbidden", 500: "Internal server error", 502: "Bad Gateway" } as const;

async function authorizeRoute(
  backend: GatewayBackend,
  stage: Stage,
  { apiId }: ConnectionFacts,
  { authorizationType, authorizerId }: Route,
  event: GatewayEvent,
) {
  const authorizer = stage.deployed.authorizers.get(authorizerId ?? "");
  if (authorizationType !== "CUSTOM" || authorizer === undefined) {
    return { status: 403 as const, why: `the authorization type ${authorizationType} is not served here` };
  }
  return authorize(backend, authorizer, {
    event,
    methodArn: backend.arnOf("execute-api", `${apiId}/${stage.name}/$connect`),
    authorizerArn: backend.arnOf("execute-api", `${apiId}/authorizers/${authorizer.id}`),
  });
}
