import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ApiGatewayLogging } from "./ApiGatewayLogging";
import type { CustomDomain } from "./CustomDomain";
import { fingerprint, settingsOf } from "./fingerprint";
import type { Grant } from "./grant";
import { resourceName } from "./names";
import { type Place, placeOf } from "./place";
import { type TaggedArgs, tagsOf } from "./tags";
import { createAuthorizer, type WebSocketAuthorizer } from "./webSocketAuthorizer";
import { createRoute, type Routes } from "./webSocketRoute";

/** Operations of `@connections`: send to, check, and close a connection. */
export type ConnectionsOperation = "POST" | "GET" | "DELETE";

/** Grants for a route's function to access the connections of its own API. */
export interface Connections {
  /** Grants calls to `@connections` of this stage; the environment variable holds the URL for the SDK's `endpoint`. */
  grant<Operation extends ConnectionsOperation>(...operations: Operation[]): Grant<Operation>;
}

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
  /** Rate limit for frames across all connections. */
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

/** Arguments of `deploy`. */
export interface WebSocketDeploymentArgs {
  /** Function of each route, by route key. */
  routes: Routes;
  /** Authorizer of `$connect`: its function, and the parts of a request that API Gateway requires. */
  authorizer: WebSocketAuthorizer;
  /** Custom domain that clients connect to. @default API Gateway's own address */
  domain?: CustomDomain | undefined;
}

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
   * @returns the address that clients connect to: `wss://…/stage`, or `wss://` and the custom domain
   */
  deploy(args: WebSocketDeploymentArgs): pulumi.Output<string> {
    const [api, name] = [this.#api, this.#name];
    const tags = tagsOf(this.#args);
    const { stageName, throttle, logRetentionDays = 30, apiGatewayAccount, routeThrottles = {} } = this.#args;
    const authorizer = createAuthorizer(this, name, api, args.authorizer);
    const routes = Object.entries(args.routes).map(([routeKey, target]) =>
      createRoute(this, name, { api, stageName, routeKey, target, authorizer }),
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
 * Maps the whole domain to the stage, without a mapping key: with a key of several parts, API Gateway would make all
 * header names lower-case.
 */
function mapTo(parent: WebSocketApi, name: string, { domainName }: CustomDomain, stage: aws.apigatewayv2.Stage) {
  const mapping = new aws.apigatewayv2.ApiMapping(
    name,
    { apiId: stage.apiId, domainName, stage: stage.name },
    { parent },
  );
  return pulumi.interpolate`wss://${mapping.domainName}`;
}

/** Format of an access log line, which contains no IP addresses and no headers. */
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

function throttlingOf({ rate, burst }: Throttle) {
  return { throttlingRateLimit: rate, throttlingBurstLimit: burst };
}
