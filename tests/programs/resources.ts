/** Building blocks of the fixture programs: plain AWS resources, with a shorter syntax. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface FunctionArgs {
  /** Text of `index.js`, or a file for it. @default the program's file `handlers.js` */
  code?: string | Promise<pulumi.asset.Asset>;
  /** Name of the handler's export, alone or with its file, as in `other.handler`. @default the function's name */
  handler?: string;
  /** @default nodejs24.x */
  runtime?: string;
  /** Seconds. @default 5 */
  timeout?: number;
  /** MB. @default 128 */
  memorySize?: number;
  /** Statements of the function's role in addition to the permission to write the function's log. */
  statements?: aws.iam.PolicyStatement[];
  /** Whether the function's role may write the function's log. @default true */
  mayLog?: boolean;
  variables?: Record<string, pulumi.Input<string>>;
  reservedConcurrency?: number;
}

/** Creates a function with its own role and log group. */
export function createFunction(name: string, args: FunctionArgs = {}): aws.lambda.Function {
  const {
    code = Promise.resolve(new pulumi.asset.FileAsset("handlers.js")),
    handler = name,
    timeout = 5,
    memorySize = 128,
    statements = [],
    mayLog = true,
  } = args;
  const logGroup = new aws.cloudwatch.LogGroup(name, { name: `/aws/lambda/${name}`, retentionInDays: 1 });
  const role = new aws.iam.Role(name, {
    name,
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
    },
  });
  const logging: aws.iam.PolicyStatement = {
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: pulumi.interpolate`${logGroup.arn}:*`,
  };
  const all = [...(mayLog ? [logging] : []), ...statements];
  const policies =
    all.length === 0
      ? []
      : [new aws.iam.RolePolicy(name, { role: role.name, policy: { Version: "2012-10-17", Statement: all } })];
  return new aws.lambda.Function(
    name,
    {
      name,
      role: role.arn,
      runtime: args.runtime ?? "nodejs24.x",
      handler: handler.includes(".") ? handler : `index.${handler}`,
      code: new pulumi.asset.AssetArchive({
        "index.js": typeof code === "string" ? new pulumi.asset.StringAsset(code) : code,
      }),
      timeout,
      memorySize,
      environment: { variables: args.variables ?? {} },
      ...(args.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: args.reservedConcurrency }),
    },
    { dependsOn: policies },
  );
}

/** Creates a WebSocket API without routes. @param routeSelectionExpression by default the frame's `action` */
export function createApi(name: string, routeSelectionExpression = "$request.body.action"): aws.apigatewayv2.Api {
  return new aws.apigatewayv2.Api(name, { name, protocolType: "WEBSOCKET", routeSelectionExpression });
}

interface RouteArgs {
  target: aws.lambda.Function;
  /** Whether the body that the function returns is sent to the client. @default true */
  answers?: boolean;
  /** Integration timeout in milliseconds. @default 29,000 */
  timeoutMilliseconds?: number;
  /** The only stage that may invoke the function. @default any */
  permittedStage?: string;
  dependsOn?: pulumi.Resource[];
}

/**
 * Creates routes from their arguments by route key. Each gets an integration, a permission, and a route response if the
 * route answers.
 */
export function createRoutes(
  apiName: string,
  api: aws.apigatewayv2.Api,
  routes: Record<string, RouteArgs>,
): pulumi.Resource[] {
  return Object.entries(routes).flatMap(([routeKey, args]) => {
    const { target, answers = !/^\$(dis)?connect$/.test(routeKey), permittedStage = "*", dependsOn = [] } = args;
    const name = `${apiName}-${routeKey}`;
    const integration = new aws.apigatewayv2.Integration(name, {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationMethod: "POST",
      integrationUri: target.invokeArn,
      timeoutMilliseconds: args.timeoutMilliseconds ?? 29_000,
    });
    const route = new aws.apigatewayv2.Route(
      name,
      {
        apiId: api.id,
        routeKey,
        target: pulumi.interpolate`integrations/${integration.id}`,
        ...(answers ? { routeResponseSelectionExpression: "$default" } : {}),
      },
      { dependsOn },
    );
    const permission = new aws.lambda.Permission(name, {
      action: "lambda:InvokeFunction",
      function: target.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/${permittedStage}/${routeKey}`,
    });
    if (!answers) return [route, permission];
    const response = new aws.apigatewayv2.RouteResponse(name, {
      apiId: api.id,
      routeId: route.id,
      routeResponseKey: "$default",
    });
    return [route, permission, response];
  });
}

/** Creates a deployment of the API once these resources exist. */
export function createDeployment(
  name: string,
  api: aws.apigatewayv2.Api,
  dependsOn: pulumi.Resource[],
): aws.apigatewayv2.Deployment {
  return new aws.apigatewayv2.Deployment(name, { apiId: api.id }, { dependsOn });
}

/** Creates an API with these routes and a stage `prod`. Returns the URL to connect to. */
export function serveRoutes(
  name: string,
  routes: Record<string, RouteArgs>,
  routeSelectionExpression?: string,
): pulumi.Output<string> {
  const api = createApi(name, routeSelectionExpression);
  const deployment = createDeployment(name, api, createRoutes(name, api, routes));
  return new aws.apigatewayv2.Stage(name, { apiId: api.id, name: "prod", deploymentId: deployment.id }).invokeUrl;
}
