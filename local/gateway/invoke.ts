/** Runs a route's integration, which usually invokes a function. */
import { reportFailure } from "../functions/failure.ts";
import { logAccess } from "./accessLog.ts";
import type { GatewayBackend } from "./backend.ts";
import type { Integration, Route, Stage } from "./definition.ts";
import type { GatewayEvent } from "./events.ts";
import { answerMock, callHttp, TIMED_OUT } from "./otherIntegrations.ts";

type Outcome = { result: unknown } | { error: string; refused: boolean; timedOut?: true };

export type Integrated =
  /** The function's result, whose shape the caller checks. */
  | { result: unknown; latencyMs: number }
  /** `refused`: nothing was invoked. `timedOut`: the function took longer than the integration allows. */
  | { error: string; refused: boolean; timedOut?: true; latencyMs: number };

/**
 * Runs a route's integration and writes the access log. A function is invoked only if a `lambda.Permission` or the
 * integration's role allows this API to.
 */
export async function invokeRoute(
  backend: GatewayBackend,
  { apiId, stage, route }: { apiId: string; stage: Stage; route: Route },
  event: GatewayEvent,
): Promise<Integrated> {
  const sourceArn = backend.arnOf("execute-api", `${apiId}/${stage.name}/${route.routeKey}`);
  const started = performance.now();
  const outcome = await invokeIntegration(backend, stage, route, event, sourceArn);
  const latencyMs = Math.round(performance.now() - started);
  logAccess(
    backend,
    stage,
    event,
    "error" in outcome
      ? { status: 500, integrationLatency: latencyMs, integrationErrorMessage: outcome.error }
      : { status: 200, integrationLatency: latencyMs },
  );
  return { ...outcome, latencyMs };
}

async function invokeIntegration(
  backend: GatewayBackend,
  { deployed }: Stage,
  route: Route,
  event: GatewayEvent,
  sourceArn: string,
): Promise<Outcome> {
  const integration = deployed.integrations.get(route.target?.replace(/^integrations\//, "") ?? "");
  if (integration === undefined) return { error: "the route has no integration", refused: true };
  switch (integration.type) {
    case "MOCK":
      return answerMock(integration);
    case "HTTP":
    case "HTTP_PROXY":
      return callHttp(integration, event);
    default:
      return invokeFunction(backend, integration, route, event, sourceArn);
  }
}

async function invokeFunction(
  { functions, access, report }: GatewayBackend,
  { functionArn, credentialsArn, timeoutMs }: Integration,
  route: Route,
  event: GatewayEvent,
  sourceArn: string,
): Promise<Outcome> {
  const target = functions.get(functionNameOf(functionArn));
  if (target === undefined) return { error: `there is no function ${functionArn}`, refused: true };
  const { name, arn } = target.settings;
  const permissions = [...target.permissions.values()];
  if (credentialsArn !== undefined) {
    const refusal = access.roleRefusal(credentialsArn, "apigateway.amazonaws.com", "lambda:InvokeFunction", arn);
    if (refusal !== undefined) return { error: refusal, refused: true };
  } else if (!access.serviceMayInvoke(permissions, "apigateway.amazonaws.com", arn, sourceArn)) {
    return { error: "Invalid permissions on Lambda function", refused: true };
  }
  const { connectionId, authorizer } = event.requestContext;
  // A person's connections share that person's turns.
  const sender = authorizer?.principalId ?? connectionId;
  const invoked = await within(timeoutMs, target.invoke(JSON.stringify(event), undefined, sender));
  if (invoked === undefined) return { error: TIMED_OUT, refused: false, timedOut: true };
  if (invoked.failed) {
    const { errorMessage } = reportFailure(report, name, invoked, route.routeKey);
    return { error: errorMessage, refused: false };
  }
  return { result: JSON.parse(invoked.payload) };
}

/** Returns the promise's value, or undefined if the promise takes longer than `ms`. */
function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms).unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Extracts NAME from `arn:aws:lambda:…:function:NAME`, which may be part of an invoke ARN. */
export function functionNameOf(arn: string): string {
  return /:function:([A-Za-z0-9_-]+)/.exec(arn)?.[1] ?? arn;
}
