/** From a route to its function and back. */
import { setTimeout as sleep } from "node:timers/promises";
import { logAccess } from "./accessLog.ts";
import type { GatewayBackend } from "./backend.ts";
import type { Route, Stage } from "./definition.ts";
import type { GatewayEvent } from "./events.ts";

export type Integrated =
  /** What the function returned; the caller checks its shape. */
  | { result: unknown; latencyMs: number }
  /** `refused`: the function was not invoked. */
  | { error: string; refused: boolean; latencyMs: number };

/** Invokes the function of a route, if a `lambda.Permission` allows this API to, and writes the access log. */
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
  { functions, access, report }: GatewayBackend,
  { deployed }: Stage,
  route: Route,
  event: GatewayEvent,
  sourceArn: string,
): Promise<{ result: unknown } | { error: string; refused: boolean }> {
  const integration = deployed.integrations.get(route.target?.replace(/^integrations\//, "") ?? "");
  const target = integration && functions.get(functionNameOf(integration.functionArn));
  if (integration === undefined || target === undefined) {
    return { error: "the route has no integration", refused: true };
  }
  const permissions = [...target.permissions.values()];
  if (!access.serviceMayInvoke(permissions, "apigateway.amazonaws.com", target.settings.arn, sourceArn)) {
    return { error: "Invalid permissions on Lambda function", refused: true };
  }
  const invoked = await Promise.race([
    target.invoke(JSON.stringify(event)),
    sleep(integration.timeoutMs, undefined, { ref: false }),
  ]);
  if (invoked === undefined) return { error: "Execution failed due to a timeout error", refused: false };
  if (invoked.failed) {
    const { errorType, errorMessage } = JSON.parse(invoked.payload) as { errorType: string; errorMessage: string };
    report({ event: "failure", function: target.settings.name, errorType, errorMessage });
    return { error: errorMessage, refused: false };
  }
  return { result: JSON.parse(invoked.payload) };
}

/** The NAME of `arn:aws:lambda:…:function:NAME`, also as part of an invoke ARN. */
export function functionNameOf(arn: string): string {
  return /:function:([A-Za-z0-9_-]+)/.exec(arn)?.[1] ?? arn;
}
