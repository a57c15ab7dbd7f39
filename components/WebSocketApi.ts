import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ApiGatewayLogging } from "./ApiGatewayLogging";
import type { CallbackFunction } from "./CallbackFunction";
import type { CustomDomain } from "./CustomDomain";
import { fingerprint, settingsOf } from "./fingerprint";
import type { Grant } from "./grant";
import { resourceName } from "./names";
import { type Place, placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";

/** Operations of `@connections`: send to, look at, and close a connection. */
export type ConnectionsOperation = "POST" | "GET" | "DELETE";

/** What a route's function needs to reach the connections of the API that it belongs to. */
export interface Connections {
  /** The right to call `@connections` of this stage; its variable holds the URL for the SDK's `endpoint`. */
  grant<Operation extends ConnectionsOperation>(...operations: Operation[]): Grant<Operation>;
}

/** By route key, the function that answers. */
// biome-ignore lint/suspicious/noExplicitAny: a route does not care what its function uses
export type Routes = Record<string, CallbackFunction<any>>;

/** What a stage or a route lets through; API Gateway refuses the rest before any function runs. */
export interface Throttle {
  /** Frames, or handshakes, a second. */
  rate: pulumi.Input<number>;
  /** How many more a burst may bring. */
  burst: pulumi.Input<number>;
}

/** Arguments of `WebSocketApi`. */
export interface WebSocketApiArgs extends TaggedArgs {
  /** Name of the one stage; part of the URL. */
  stageName: pulumi.Input<string>;
  /**
   * Where a frame says which route it wants.
   * @default $request.body.action
   */
  routeSelectionExpression?: pulumi.Input<string>;
  /** Frames a second over all connections, and how many more a burst may bring. */
  throttle: Throttle;
  /** Routes with a throttle of their own, by route key. @default none */
  routeThrottles?: Record<string, Throttle>;
  /** Days that access log lines are kept. @default 30 */
  logRetentionDays?: pulumi.Input<number>;
  /**
   * The role that lets API Gateway write logs is one per account and Region: create it here, or rely on the one there is.
   * @default existing
   */
  apiGatewayAccount?: "existing" | "create";
  /** ARN of a managed policy that limits the role that is created for that. @default none */
  permissionsBoundary?: pulumi.Input<string> | undefined;
}

/** What answers. */
export interface WebSocketDeploymentArgs {
  /** The function of each route, by route key. */
  routes: Routes;
  /** The authorizer: a function that decides about `$connect`, and what a request must have for it to be asked. */
  authorizer: {
    // biome-ignore lint/suspicious/noExplicitAny: see Routes
    target: CallbackFunction<any>;
    /** @example ["route.request.header.Authorization"] */
    identitySources: string[];
  };
  /** Where clients connect. @default API Gateway's own address */
  domain?: CustomDomain | undefined;
}

/**
 * Connections open before any message and close after all: nothing listens to what their functions return as a body.
 */
const LIFECYCLE_ROUTES = new Set(["$connect", "$disconnect"]);

/**
 * A WebSocket API with one stage, whose routes invoke functions. The API itself is there first: functions get the right to
 * its connections, and a page its address, before `deploy` gives it routes.
 */
export class WebSocketApi extends pulumi.ComponentResource implements Connections {
  /** `wss://` and the host, without the stage. */
  readonly endpoint: pulumi.Output<string>;
  readonly #name: string;
  readonly #args: WebSocketApiArgs;
  readonly #place: Place;
  readonly #api: aws.apigatewayv2.Api;

  constructor(name: string, args: WebSocketApiArgs, opts?: pulumi.ComponentResourceOptions) {
    const { stageName, routeSelectionExpression = "$request.body.action", throttle } = args;
    const { logRetentionDays = 30, apiGatewayAccount = "existing", routeThrottles = {} } = args;
    super(
      "chat:index:WebSocketApi",
      name,
      { stageName, routeSelectionExpression, throttle, routeThrottles, logRetentionDays, apiGatewayAccount },
      opts,
    );
    this.#name = name;
    this.#args = args;
    this.#place = placeOf(opts);
    this.#api = new aws.apigatewayv2.Api(
      name,
      { name: resourceName(name), protocolType: "WEBSOCKET", routeSelectionExpression, tags: tagsOf(args) },
      { parent: this },
    );
    this.endpoint = this.#api.apiEndpoint;
  }

  /** Grants calls of the stage's `@connections` API. */
  grant<Operation extends ConnectionsOperation>(...operations: Operation[]): Grant<Operation> {
    const { stageName } = this.#args;
    return {
      value: pulumi.interpolate`${this.endpoint.apply((endpoint) => endpoint.replace(/^ws/, "http"))}/${stageName}`,
      namedBy: "AWS",
      statements: [
        {
          Effect: "Allow",
          Action: ["execute-api:ManageConnections"],
          Resource: operations.map(
            (operation) => pulumi.interpolate`${this.#api.executionArn}/${stageName}/${operation}/@connections/*`,
          ),
        },
      ],
    };
  }

  /**
   * Makes the routes and the stage, once.
   *
   * @returns where clients connect: `wss://…/stage`, or the domain alone
   */
  deploy(args: WebSocketDeploymentArgs): pulumi.Output<string> {
    const [api, name] = [this.#api, this.#name];
    const tags = tagsOf(this.#args);
    const { stageName, throttle, logRetentionDays = 30, apiGatewayAccount, routeThrottles = {} } = this.#args;
    const authorizer = createAuthorizer(this, name, api, args.authorizer);
    const routes = Object.entries(args.routes).map(([routeKey, target]) =>
      createRoute(this, `${name}-${routeName(routeKey)}`, { api, stageName, routeKey, target, authorizer }),
    );
    const settings = routes.flatMap((route) => route.settings);
    const deployment = new aws.apigatewayv2.Deployment(
      name,
      {
        apiId: api.id,
        triggers: {
          definition: fingerprint([api.routeSelectionExpression, ...[authorizer, ...settings].map(settingsOf)]),
        },
      },
      { parent: this, dependsOn: [...settings, ...routes.map(({ permission }) => permission)] },
    );
    const accessLogName = `/aws/apigateway/${resourceName(name)}`;
    const accessLog = new aws.cloudwatch.LogGroup(
      `${name}-access`,
      { name: accessLogName, retentionInDays: logRetentionDays, tags },
      { parent: this, deleteBeforeReplace: true },
    );
    const account =
      apiGatewayAccount === "create"
        ? [
            new ApiGatewayLogging(
              "api-gateway-logging",
              { permissionsBoundary: this.#args.permissionsBoundary, tags: this.#args.tags },
              { parent: this },
            ),
          ]
        : [];
    const stage = new aws.apigatewayv2.Stage(
      name,
      {
        apiId: api.id,
        name: stageName,
        deploymentId: deployment.id,
        defaultRouteSettings: throttlingOf(throttle),
        routeSettings: Object.entries(routeThrottles).map(([routeKey, own]) => ({ routeKey, ...throttlingOf(own) })),
        accessLogSettings: {
          destinationArn: this.#place.arn("logs", `log-group:${accessLogName}`),
          format: ACCESS_LOG_FORMAT,
        },
        tags,
      },
      { parent: this, dependsOn: [accessLog, ...account] },
    );
    const url = args.domain === undefined ? stage.invokeUrl : mapTo(this, name, args.domain, stage);
    this.registerOutputs({ url });
    return url;
  }
}

/**
 * Without a key, so that the whole domain leads to the stage: a key of several parts makes all header names lower-case.
 */
function mapTo(parent: WebSocketApi, name: string, { domainName }: CustomDomain, stage: aws.apigatewayv2.Stage) {
  const mapping = new aws.apigatewayv2.ApiMapping(
    name,
    { apiId: stage.apiId, domainName, stage: stage.name },
    { parent },
  );
  return pulumi.interpolate`wss://${mapping.domainName}`;
}

/** No address and no header stands in a log line. */
const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: "$context.requestId",
  connectionId: "$context.connectionId",
  eventType: "$context.eventType",
  routeKey: "$context.routeKey",
  status: "$context.status",
  error: "$context.error.message",
  integrationError: "$context.integrationErrorMessage",
  integrationLatency: "$context.integrationLatency",
  requestTime: "$context.requestTime",
});

function createAuthorizer(
  parent: WebSocketApi,
  name: string,
  api: aws.apigatewayv2.Api,
  { target, identitySources }: WebSocketDeploymentArgs["authorizer"],
): aws.apigatewayv2.Authorizer {
  const authorizer = new aws.apigatewayv2.Authorizer(
    name,
    {
      apiId: api.id,
      name: target.functionName,
      authorizerType: "REQUEST",
      authorizerUri: target.function.invokeArn,
      identitySources,
    },
    { parent },
  );
  new aws.lambda.Permission(
    `${name}-authorizer`,
    {
      action: "lambda:InvokeFunction",
      function: target.function.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/authorizers/${authorizer.id}`,
    },
    { parent },
  );
  return authorizer;
}

interface RouteArgs {
  authorizer: aws.apigatewayv2.Authorizer;
  api: aws.apigatewayv2.Api;
  stageName: pulumi.Input<string>;
  routeKey: string;
  // biome-ignore lint/suspicious/noExplicitAny: see Routes
  target: CallbackFunction<any>;
}

/** @returns the right to invoke the function, and what a deployment has to be a snapshot of */
function createRoute(
  parent: WebSocketApi,
  name: string,
  args: RouteArgs,
): { permission: pulumi.Resource; settings: pulumi.Resource[] } {
  const { api, stageName, routeKey, target, authorizer } = args;
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
      // Authorization is asked for once, when a connection is opened; what it said rides on every later event.
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

function throttlingOf({ rate, burst }: Throttle) {
  return { throttlingRateLimit: rate, throttlingBurstLimit: burst };
}

function routeName(routeKey: string): string {
  return routeKey.replace(/[^A-Za-z0-9]/g, "");
}
