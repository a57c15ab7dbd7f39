import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { CallbackFunction } from "./CallbackFunction";

/** Functions that handle the routes, by route key. */
// biome-ignore lint/suspicious/noExplicitAny: a route accepts a function with any uses
export type Routes = Record<string, CallbackFunction<any>>;

/**
 * Routes that ignore the body that the function returns: clients can't receive frames before `$connect` ends or after
 * `$disconnect`.
 */
const LIFECYCLE_ROUTES = new Set(["$connect", "$disconnect"]);

interface RouteArgs {
  authorizer: aws.apigatewayv2.Authorizer;
  api: aws.apigatewayv2.Api;
  stageName: pulumi.Input<string>;
  routeKey: string;
  // biome-ignore lint/suspicious/noExplicitAny: see Routes
  target: CallbackFunction<any>;
}

/**
 * Creates a route with its integration, and the permission for it to invoke its function.
 *
 * @param apiName the logical name of the API
 * @returns the permission to invoke the function, and the resources that a deployment must be a snapshot of
 */
export function createRoute(
  parent: pulumi.Resource,
  apiName: string,
  args: RouteArgs,
): { permission: pulumi.Resource; settings: pulumi.Resource[] } {
  const { api, stageName, routeKey, target, authorizer } = args;
  const name = `${apiName}-${routeName(routeKey)}`;
  const integration = new aws.apigatewayv2.Integration(
    name,
    {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationMethod: "POST",
      integrationUri: target.function.invokeArn,
      timeoutMilliseconds: 29_000,
    },
    { parent },
  );
  const answers = !LIFECYCLE_ROUTES.has(routeKey);
  const route = new aws.apigatewayv2.Route(
    name,
    {
      apiId: api.id,
      routeKey,
      target: pulumi.interpolate`integrations/${integration.id}`,
      // API Gateway calls the authorizer once, when a connection opens; every later event contains its answer.
      ...(routeKey === "$connect" ? { authorizationType: "CUSTOM", authorizerId: authorizer.id } : {}),
      ...(answers ? { routeResponseSelectionExpression: "$default" } : {}),
    },
    { parent },
  );
  const permission = new aws.lambda.Permission(
    name,
    {
      action: "lambda:InvokeFunction",
      function: target.function.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/${stageName}/${routeKey}`,
    },
    { parent },
  );
  if (!answers) return { permission, settings: [integration, route] };
  const response = new aws.apigatewayv2.RouteResponse(
    name,
    { apiId: api.id, routeId: route.id, routeResponseKey: "$default" },
    { parent },
  );
  return { permission, settings: [integration, route, response] };
}

function routeName(routeKey: string): string {
  return routeKey.replace(/[^A-Za-z0-9]/g, "");
}
