import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const greeting = new pulumi.Config().require("greeting");
const table = new aws.dynamodb.Table("connections", {
  attributes: [{ name: "connectionId", type: "S" }],
  hashKey: "connectionId",
  billingMode: "PAY_PER_REQUEST",
});

const role = new aws.iam.Role("broadcast", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AmazonDynamoDBFullAccess],
});
for (const [name, policyArn] of Object.entries({
  logs: aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole,
  posts: "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess",
  odd: "arn:aws:iam::aws:policy/AmazonBraketFullAccess",
  odder: "arn:aws:iam::aws:policy/AmazonBraketFullAccess",
})) {
  new aws.iam.RolePolicyAttachment(name, { role: role.name, policyArn });
}

const folder = new pulumi.asset.AssetArchive({ ".": new pulumi.asset.FileArchive("./app") });
const functionOf = (name: string, runtime: aws.lambda.Runtime) =>
  new aws.lambda.Function(name, {
    role: role.arn,
    runtime,
    handler: `index.${name}`,
    code: folder,
    timeout: 10,
    environment: { variables: { TABLE: table.name } },
  });

const api = new aws.apigatewayv2.Api("broadcast", {
  protocolType: "WEBSOCKET",
  routeSelectionExpression: "$request.body.action",
});
// The stage can come before its routes, because a stage with autoDeploy adopts later changes of its API.
const stage = new aws.apigatewayv2.Stage("dev", { apiId: api.id, name: "dev", autoDeploy: true });

const route = (routeKey: string, args: Partial<aws.apigatewayv2.IntegrationArgs>, answers = true) => {
  const integration = new aws.apigatewayv2.Integration(routeKey, {
    apiId: api.id,
    integrationType: "AWS_PROXY",
    ...args,
  });
  const made = new aws.apigatewayv2.Route(routeKey, {
    apiId: api.id,
    routeKey,
    target: pulumi.interpolate`integrations/${integration.id}`,
    ...(answers ? { routeResponseSelectionExpression: "$default" } : {}),
  });
  if (answers)
    new aws.apigatewayv2.RouteResponse(routeKey, { apiId: api.id, routeId: made.id, routeResponseKey: "$default" });
};

const invoke = (routeKey: string, target: aws.lambda.Function, answers = true, timeoutMilliseconds = 29_000) => {
  route(routeKey, { integrationUri: target.invokeArn, timeoutMilliseconds }, answers);
  new aws.lambda.Permission(routeKey, {
    action: "lambda:InvokeFunction",
    function: target,
    principal: "apigateway.amazonaws.com",
    sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
  });
};

const connect = functionOf("connect", "nodejs20.x");
invoke("$connect", connect, false);
invoke("$disconnect", functionOf("disconnect", "nodejs22.x"), false);
invoke("say", functionOf("say", "nodejs22.x"), false);
for (const name of ["fail", "unreachable", "look", "imported"]) invoke(name, functionOf(name, "nodejs24.x"));
invoke(
  "written",
  new aws.lambda.CallbackFunction("written", {
    callback: async () => ({ statusCode: 200, body: JSON.stringify({ greeting }) }),
  }),
);

// There is no permission, because API Gateway assumes a role that may invoke the function.
const invoker = new aws.iam.Role("invoker", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "apigateway.amazonaws.com" }),
});
new aws.iam.RolePolicy("invoker", {
  role: invoker.name,
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: connect.arn }],
  },
});
route("asRole", { integrationUri: connect.invokeArn, credentialsArn: invoker.arn });
route("mock", { integrationType: "MOCK", requestTemplates: { $default: '{"statusCode": 200}' } });
route("http", { integrationType: "HTTP_PROXY", integrationMethod: "POST", integrationUri: "http://127.0.0.1:1/" });
invoke("slow", functionOf("slow", "nodejs24.x"), true, 100);

export const url = stage.invokeUrl;

// This API's routes are registered after the stage, and $connect has an authorizer.
const guarded = new aws.apigatewayv2.Api("guarded", {
  protocolType: "WEBSOCKET",
  routeSelectionExpression: "$request.body.action",
});
export const guardedUrl = new aws.apigatewayv2.Stage("guarded", { apiId: guarded.id, name: "dev", autoDeploy: true })
  .invokeUrl;
const guard = new aws.apigatewayv2.Authorizer("guard", {
  apiId: guarded.id,
  authorizerType: "REQUEST",
  authorizerUri: connect.invokeArn,
  identitySources: ["route.request.querystring.token"],
});
new aws.apigatewayv2.Route("guarded", {
  apiId: guarded.id,
  routeKey: "$connect",
  authorizationType: "CUSTOM",
  authorizerId: guard.id,
});
