import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// One function that returns its event, behind all of the APIs.
const echo = new aws.lambda.CallbackFunction("echo", {
  callback: async (event: Record<string, unknown>) => ({
    statusCode: 201,
    headers: { "X-Echo": "yes" },
    body: JSON.stringify(event),
  }),
});
const bare = new aws.lambda.CallbackFunction("bare", { callback: async () => ({ hello: "world" }) });
const failing = new aws.lambda.CallbackFunction("failing", {
  callback: async () => {
    throw new Error("no coffee");
  },
});
const odd = new aws.lambda.CallbackFunction("odd", { callback: async () => "an odd answer" });
const cookies = new aws.lambda.CallbackFunction("cookies", {
  callback: async () => ({
    statusCode: 200,
    headers: { "content-type": "image/png" },
    cookies: ["a=1", "b=2"],
    body: Buffer.from([1, 2, 255]).toString("base64"),
    isBase64Encoded: true,
  }),
});

// The WebSocket API.
const socket = new aws.apigatewayv2.Api("socket", {
  protocolType: "WEBSOCKET",
  routeSelectionExpression: "$request.body.action",
});
const reply = new aws.apigatewayv2.Integration("reply", {
  apiId: socket.id,
  integrationType: "AWS_PROXY",
  integrationUri: echo.invokeArn,
});
for (const routeKey of ["$connect", "$default"]) {
  new aws.apigatewayv2.Route(`socket-${routeKey}`, {
    apiId: socket.id,
    routeKey,
    target: pulumi.interpolate`integrations/${reply.id}`,
  });
}
export const socketUrl = new aws.apigatewayv2.Stage("socket", { apiId: socket.id, name: "dev", autoDeploy: true })
  .invokeUrl;

// The HTTP API.
const http = new aws.apigatewayv2.Api("http", {
  protocolType: "HTTP",
  corsConfiguration: {
    allowOrigins: ["https://example.com"],
    allowMethods: ["GET", "POST"],
    allowHeaders: ["content-type"],
    maxAge: 60,
  },
});
const httpRoutes: [routeKey: string, target: aws.lambda.Function, payloadFormatVersion: string][] = [
  ["GET /orders/{id}", echo, "2.0"],
  ["POST /orders", echo, "2.0"],
  ["GET /orders/new", bare, "2.0"],
  ["ANY /files/{path+}", echo, "1.0"],
  ["GET /failing", failing, "2.0"],
  ["GET /odd", odd, "1.0"],
  ["GET /cookies", cookies, "2.0"],
];
for (const [routeKey, target, payloadFormatVersion] of httpRoutes) {
  const integration = new aws.apigatewayv2.Integration(routeKey, {
    apiId: http.id,
    integrationType: "AWS_PROXY",
    integrationUri: target.arn,
    payloadFormatVersion,
  });
  new aws.apigatewayv2.Route(routeKey, {
    apiId: http.id,
    routeKey,
    target: pulumi.interpolate`integrations/${integration.id}`,
  });
}
new aws.apigatewayv2.Route("guarded", { apiId: http.id, routeKey: "GET /guarded", authorizationType: "JWT" });
new aws.apigatewayv2.Stage("http", { apiId: http.id, name: "$default", autoDeploy: true });
export const httpUrl = http.apiEndpoint;

// An HTTP API in the quick-create form.
const short = new aws.apigatewayv2.Api("short", { protocolType: "HTTP", target: bare.arn });
export const shortUrl = short.apiEndpoint;

// The REST API.
const rest = new aws.apigateway.RestApi("rest");
const items = new aws.apigateway.Resource("items", {
  restApi: rest.id,
  parentId: rest.rootResourceId,
  pathPart: "items",
});
const item = new aws.apigateway.Resource("item", { restApi: rest.id, parentId: items.id, pathPart: "{proxy+}" });
const restMethods: pulumi.Resource[] = [
  ...method("get", item, "GET", echo),
  ...method("failing", items, "DELETE", failing),
  ...method("odd", items, "GET", odd),
];
const options = new aws.apigateway.Method("options", {
  restApi: rest.id,
  resourceId: items.id,
  httpMethod: "OPTIONS",
  authorization: "NONE",
});
const mock = new aws.apigateway.Integration("options", {
  restApi: rest.id,
  resourceId: items.id,
  httpMethod: options.httpMethod,
  type: "MOCK",
  requestTemplates: { "application/json": '{"statusCode": 204}' },
});
const mocked = new aws.apigateway.IntegrationResponse(
  "options",
  {
    restApi: rest.id,
    resourceId: items.id,
    httpMethod: options.httpMethod,
    statusCode: "204",
    responseParameters: { "method.response.header.Access-Control-Allow-Origin": "'*'" },
  },
  { dependsOn: mock },
);
new aws.apigateway.MethodResponse("options", {
  restApi: rest.id,
  resourceId: items.id,
  httpMethod: options.httpMethod,
  statusCode: "204",
});
const deployment = new aws.apigateway.Deployment("rest", { restApi: rest.id }, { dependsOn: [...restMethods, mocked] });
export const restUrl = new aws.apigateway.Stage("rest", {
  restApi: rest.id,
  deployment: deployment.id,
  stageName: "prod",
  variables: { color: "green" },
}).invokeUrl;

function method(
  name: string,
  resource: aws.apigateway.Resource,
  httpMethod: string,
  target: aws.lambda.Function,
): pulumi.Resource[] {
  const made = new aws.apigateway.Method(name, {
    restApi: rest.id,
    resourceId: resource.id,
    httpMethod,
    authorization: "NONE",
  });
  const integration = new aws.apigateway.Integration(name, {
    restApi: rest.id,
    resourceId: resource.id,
    httpMethod: made.httpMethod,
    integrationHttpMethod: "POST",
    type: "AWS_PROXY",
    uri: target.invokeArn,
  });
  return [made, integration];
}

for (const [name, target] of Object.entries({ echo, bare, failing, odd, cookies })) {
  for (const [kind, api] of Object.entries({ socket, http, rest, short })) {
    new aws.lambda.Permission(`${name}-${kind}`, {
      action: "lambda:InvokeFunction",
      function: target.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
    });
  }
}
