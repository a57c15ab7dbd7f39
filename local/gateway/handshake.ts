/** A connection's handshake: the API's authorizer and `$connect` function decide whether the connection opens. */
import { logAccess } from "./accessLog.ts";
import { authorize } from "./authorizer.ts";
import type { GatewayBackend } from "./backend.ts";
import type { Route, Stage } from "./definition.ts";
import type { ConnectionFacts, GatewayEvent } from "./events.ts";
import { invokeRoute } from "./invoke.ts";
import { TOKEN } from "./upgrade.ts";

/** Status and message for the client, and the reason, which is reported to the person who runs the local cloud. */
export interface Refusal {
  status: number;
  message: string;
  why: string;
}

/**
 * Runs the authorizer and `$connect`. The authorizer's context is added to the facts and to the event for `$connect`.
 */
export async function decideHandshake(
  backend: GatewayBackend,
  stage: Stage,
  facts: ConnectionFacts,
  event: GatewayEvent,
): Promise<{ subprotocol: string | undefined } | Refusal> {
  if (stage.deployed.isEndpointDisabled) {
    return {
      status: 403,
      message: "Forbidden",
      why: "disableExecuteApiEndpoint is set, and the local cloud does not serve custom domains",
    };
  }
  const route = stage.deployed.routes.get("$connect");
  if (route === undefined) return { subprotocol: undefined };
  if (route.apiKeyRequired) {
    return {
      status: 403,
      message: "Forbidden",
      why: "$connect requires an API key, which the local cloud does not support",
    };
  }
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
    const status = integrated.timedOut ? 504 : integrated.refused ? 500 : 502;
    return { status, message: MESSAGES[status], why: `$connect failed: ${integrated.error}` };
  }
  return answerOf(integrated.result);
}

/** Returns the subprotocol from the result of `$connect`, or a refusal if the result is invalid or refuses. */
function answerOf(result: unknown): { subprotocol: string | undefined } | Refusal {
  const { statusCode, headers } = Object(result) as { statusCode?: unknown; headers?: unknown };
  if (statusCode === undefined || statusCode === null) {
    return { status: 502, message: MESSAGES[502], why: "$connect returned no statusCode" };
  }
  const status = Number(statusCode);
  const invalid = (why: string): Refusal => ({ status: 500, message: MESSAGES[500], why: `$connect returned ${why}` });
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    return invalid(`the statusCode ${JSON.stringify(statusCode)}, which isn't an HTTP status`);
  }
  if (status > 299) return { status, message: "Refused", why: `$connect returned ${status}` };
  const protocol = Object.entries(Object(headers)).find(([name]) => name.toLowerCase() === "sec-websocket-protocol");
  if (protocol === undefined) return { subprotocol: undefined };
  const subprotocol = String(protocol[1]);
  // A subprotocol must be a token as defined in RFC 9110: other text could end the header's line and add headers.
  if (!TOKEN.test(subprotocol)) return invalid("a Sec-WebSocket-Protocol that isn't a token");
  return { subprotocol };
}

const MESSAGES = {
  401: "Unauthorized",
  403: "Forbidden",
  500: "Internal server error",
  502: "Bad Gateway",
  504: "Endpoint request timed out",
} as const;

async function authorizeRoute(
  backend: GatewayBackend,
  stage: Stage,
  { apiId, sourceIp }: ConnectionFacts,
  { authorizationType, authorizerId }: Route,
  event: GatewayEvent,
) {
  if (authorizationType !== "CUSTOM") {
    return {
      status: 403 as const,
      why: `the local cloud does not support the authorization type ${authorizationType}`,
    };
  }
  const authorizer = stage.deployed.authorizers.get(authorizerId ?? "");
  if (authorizer === undefined) {
    return {
      status: 403 as const,
      why: `the API has no authorizer with the id "${authorizerId}", which $connect names`,
    };
  }
  return authorize(backend, authorizer, {
    event,
    sender: sourceIp,
    methodArn: backend.arnOf("execute-api", `${apiId}/${stage.name}/$connect`),
    authorizerArn: backend.arnOf("execute-api", `${apiId}/authorizers/${authorizer.id}`),
  });
}
