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

/** Operations of `@connections`: send to, check, and close a connection. */
export type ConnectionsOperation = "POST" | "GET" | "DELETE";

/** Grants for a route's function to access the connections of its own API. */
export interface Connections {
  /** Grants calls to `@connections` of this stage; the environment variable holds the URL for the SDK's `endpoint`. */
  grant<Operation extends ConnectionsOperation>(...operations: Operation[]): Grant<Operation>;
}

/** Functions that answer, by route key. */
// biome-ignore lint/suspicious/noExplicitAny: a route accepts a function with any uses
export type Routes = Record<string, CallbackFunction<any>>;

/** Rate limit of a stage or a route. API Gateway rejects requests above it before any function runs. */
export interface Throttle {
  /** Frames or handshakes per second. */
  rate: pulumi.Input<number>;
  /** Additional requests allowed in a burst. */
  burst: pulumi.Input<number>;
}

/** Arguments of `WebSocketApi`. */
export interface WebSocketApiArgs extends TaggedArgs {
  /** Name of the API's only stage; part of the URL. */
  stageName: pulumi.Input<string>;
  /**
   * Expression that selects the route of a frame.
   * @default $request.body.action
   */
  routeSelectionExpression?: pulumi.Input<string>;
  /** Rate limit for frames over all connections. */
  throttle: Throttle;
  /** Rate limits of single routes, by route key. @default none */
  routeThrottles?: Record<string, Throttle>;
  /** Days to keep access log lines. @default 30 */
  logRetentionDays?: pulumi.Input<number>;
  /**
   * API Gateway has one role for writing logs per account and Region: create it here, or rely on the existing one.
   * @default existing
   */
  apiGatewayAccount?: "existing" | "create";
  /** ARN of the created role's permissions boundary, a managed policy. @default none */
  permissionsBoundary?: pulumi.Input<string> | undefined;
}

/** Functions that handle the API's routes. */
export interface WebSocketDeploymentArgs {
  /** Function of each route, by route key. */
  routes: Routes;
  /** Authorizer of `$connect`: its function, and the parts of a request without which API Gateway rejects it. */
  authorizer: {
    // biome-ignore lint/suspicious/noExplicitAny: see Routes
    target: CallbackFunction<any>;
    /** @example ["route.request.header.Authorization"] */
    identitySources: string[];
  };
  /** Custom domain that clients connect to. @default API Gateway's own address */
  domain?: CustomDomain | undefined;
}

/**
 * Routes that ignore the function's return body: clients can't receive before `$connect` ends or after `$disconnect`.
 */
const LIFECYCLE_ROUTES = new Set(["$connect", "$disconnect"]);

/**
 * A WebSocket API with one stage, whose routes invoke functions. The API itself is created first, so that functions can
 * be granted its connections and a page can know its address before `deploy` adds the routes.
 */
export class WebSocketApi extends pulumi.ComponentResource implements Connections {
  /** Address without the stage: `wss://` and the host. */
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

  /** Grants calls to the stage's `@connections` API. */
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
   * Creates the routes and the stage. Call it once.
   *
   * @returns the address that clients connect to: `wss://…/stage`, or the domain alone
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
 * The mapping has no key, so the whole domain leads to the stage. With a key of several parts, API Gateway would make
 * all header names lower-case.
 */
function mapTo(parent: WebSocketApi, name: string, { domainName }: CustomDomain, stage: aws.apigatewayv2.Stage) {
  const mapping = new aws.apigatewayv2.ApiMapping(
    name,
    { apiId: stage.apiId, domainName, stage: stage.name },
    { parent },
  );
  return pulumi.interpolate`wss://${mapping.domainName}`;
}

/** Log lines contain no IP addresses and no headers. */
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

/** @returns the permission to invoke the function, and the resources that a deployment must be a snapshot of */
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

function throttlingOf({ rate, burst }: Throttle) {
  return { throttlingRateLimit: rate, throttlingBurstLimit: burst };
}

function routeName(routeKey: string): string {
  return routeKey.replace(/[^A-Za-z0-9]/g, "");
}
