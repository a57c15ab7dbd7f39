/** From a route to its function and back. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud } from "../cloud.ts";
import type { Deployed, Route } from "./definition.ts";
import type { GatewayEvent } from "./events.ts";

export type Integrated =
  /** What the function returned; its form is the caller's to check. */
  | { result: unknown; latencyMs: number }
  /** `refused`: the function was not invoked. */
  | { error: string; refused: boolean; latencyMs: number };

/**
 * Invokes the function of a route, if a `lambda.Permission` lets this API.
 *
 * @param sourceArn the route's own: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/ROUTE`
 */
export async function invokeIntegration(
  cloud: Cloud,
  deployed: Deployed,
  route: Route,
  event: GatewayEvent,
  sourceArn: string,
): Promise<Integrated> {
  const started = performance.now();
  const failed = (error: string, refused: boolean): Integrated => ({
    error,
    refused,
    latencyMs: Math.round(performance.now() - started),
  });
  const integration = deployed.integrations.get(route.target?.replace(/^integrations\//, "") ?? "");
  const target = integration && cloud.functions.get(functionNameOf(integration.functionArn));
  if (integration === undefined || target === undefined) return failed("the route has no integration", true);
  const permissions = [...target.permissions.values()];
  if (!cloud.access.serviceMayInvoke(permissions, "apigateway.amazonaws.com", target.settings.arn, sourceArn)) {
    return failed("Invalid permissions on Lambda function", true);
  }
  const invoked = await Promise.race([
    target.invoke(JSON.stringify(event)),
    sleep(integration.timeoutMs, undefined, { ref: false }),
  ]);
  if (invoked === undefined) return failed("Execution failed due to a timeout error", false);
  if (invoked.failed) {
    const { errorType, errorMessage } = JSON.parse(invoked.payload) as { errorType: string; errorMessage: string };
    cloud.report({ event: "failure", function: target.settings.name, errorType, errorMessage });
    return failed(errorMessage, false);
  }
  return { result: JSON.parse(invoked.payload), latencyMs: Math.round(performance.now() - started) };
}

/** From `arn:aws:lambda:…:function:NAME`, also as part of an invoke ARN. */
export function functionNameOf(arn: string): string {
  return /:function:([A-Za-z0-9_-]+)/.exec(arn)?.[1] ?? arn;
}
