import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const hello = new aws.lambda.CallbackFunction("hello", {
  callback: async ({ requestContext }: { requestContext: { authorizer?: unknown } }) => ({
    statusCode: 200,
    body: JSON.stringify(requestContext.authorizer ?? null),
  }),
});
const pool = new aws.cognito.UserPool("users");
const client = new aws.cognito.UserPoolClient("web", { userPoolId: pool.id });

// Authorizer functions that answer yes or no, or with a policy.
const simple = new aws.lambda.CallbackFunction("simple", {
  callback: async ({ identitySource }: { identitySource: string[] }) => {
    console.log(JSON.stringify({ asked: identitySource }));
    if (identitySource[0] === "odd") return { isAuthorized: "yes" };
    return { isAuthorized: identitySource[0] === "open sesame", context: { user: "ali", age: 30 } };
  },
});
interface AuthorizerEvent {
  type: string;
  methodArn: string;
  authorizationToken?: string;
  headers?: Record<string, string>;
}
const byPolicy = new aws.lambda.CallbackFunction("byPolicy", {
  callback: async ({ type, methodArn, authorizationToken, headers }: AuthorizerEvent) => {
    const token = (type === "TOKEN" ? authorizationToken : headers?.Authorization) ?? "";
    console.log(JSON.stringify({ decided: [type, methodArn, token] }));
    if (token === "nobody") throw new Error("Unauthorized");
    if (token === "broken") throw new Error("no database");
    return {
      principalId: "user",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [
          // As in tutorials, the policy is only for the path that was requested first.
          { Effect: token === "deny" ? "Deny" : "Allow", Action: "execute-api:Invoke", Resource: methodArn },
        ],
      },
      context: { token, number: 7 },
    };
  },
});

// The HTTP API.
const http = new aws.apigatewayv2.Api("http", { protocolType: "HTTP" });
const integration = new aws.apigatewayv2.Integration("http", {
  apiId: http.id,
  integrationType: "AWS_PROXY",
  integrationUri: hello.arn,
  payloadFormatVersion: "2.0",
});
const simpleAuthorizer = new aws.apigatewayv2.Authorizer("simple", {
  apiId: http.id,
  authorizerType: "REQUEST",
  authorizerUri: simple.invokeArn,
  authorizerPayloadFormatVersion: "2.0",
  enableSimpleResponses: true,
  identitySources: ["$request.header.Authorization"],
  authorizerResultTtlInSeconds: 60,
});
const policyAuthorizer = new aws.apigatewayv2.Authorizer("policy", {
  apiId: http.id,
  authorizerType: "REQUEST",
  authorizerUri: byPolicy.invokeArn,
  authorizerPayloadFormatVersion: "1.0",
  identitySources: ["$request.header.Authorization"],
  authorizerResultTtlInSeconds: 0,
});
const jwt = new aws.apigatewayv2.Authorizer("jwt", {
  apiId: http.id,
  authorizerType: "JWT",
  identitySources: ["$request.header.Authorization"],
  jwtConfiguration: { issuer: pulumi.interpolate`https://${pool.endpoint}`, audiences: [client.id] },
});
const unpermitted = new aws.apigatewayv2.Authorizer("unpermitted", {
  apiId: http.id,
  authorizerType: "REQUEST",
  authorizerUri: hello.invokeArn,
  authorizerPayloadFormatVersion: "2.0",
  enableSimpleResponses: true,
});
const routes: Record<string, Partial<aws.apigatewayv2.RouteArgs>> = {
  "GET /simple": { authorizationType: "CUSTOM", authorizerId: simpleAuthorizer.id },
  "GET /policy": { authorizationType: "CUSTOM", authorizerId: policyAuthorizer.id },
  "GET /jwt": { authorizationType: "JWT", authorizerId: jwt.id },
  "GET /scoped": { authorizationType: "JWT", authorizerId: jwt.id, authorizationScopes: ["read", "write"] },
  "GET /signed": { authorizationType: "AWS_IAM" },
  "GET /unpermitted": { authorizationType: "CUSTOM", authorizerId: unpermitted.id },
  "GET /unknown": { authorizationType: "CUSTOM" },
};
for (const [routeKey, args] of Object.entries(routes)) {
  new aws.apigatewayv2.Route(routeKey, {
    apiId: http.id,
    routeKey,
    target: pulumi.interpolate`integrations/${integration.id}`,
    ...args,
  });
}
new aws.apigatewayv2.Stage("http", { apiId: http.id, name: "$default", autoDeploy: true });

// The REST API.
const rest = new aws.apigateway.RestApi("rest");
const token = new aws.apigateway.Authorizer("token", {
  restApi: rest.id,
  authorizerUri: byPolicy.invokeArn,
  identityValidationExpression: "[a-z]+",
});
const request = new aws.apigateway.Authorizer("request", {
  restApi: rest.id,
  type: "REQUEST",
  authorizerUri: byPolicy.invokeArn,
  identitySource: "method.request.header.Authorization, method.request.querystring.tenant",
  authorizerResultTtlInSeconds: 0,
});
const people = new aws.apigateway.Authorizer("people", {
  restApi: rest.id,
  type: "COGNITO_USER_POOLS",
  providerArns: [pool.arn],
});
const methods: Record<string, Partial<aws.apigateway.MethodArgs>> = {
  token: { authorization: "CUSTOM", authorizerId: token.id },
  other: { authorization: "CUSTOM", authorizerId: token.id },
  request: { authorization: "CUSTOM", authorizerId: request.id },
  people: { authorization: "COGNITO_USER_POOLS", authorizerId: people.id },
  signed: { authorization: "AWS_IAM" },
  keyed: { apiKeyRequired: true },
};
const integrations = Object.entries(methods).map(([name, args]) => {
  const resource = new aws.apigateway.Resource(name, {
    restApi: rest.id,
    parentId: rest.rootResourceId,
    pathPart: name,
  });
  const method = new aws.apigateway.Method(name, {
    restApi: rest.id,
    resourceId: resource.id,
    httpMethod: "GET",
    authorization: "NONE",
    ...args,
  });
  return new aws.apigateway.Integration(name, {
    restApi: rest.id,
    resourceId: resource.id,
    httpMethod: method.httpMethod,
    integrationHttpMethod: "POST",
    type: "AWS_PROXY",
    uri: hello.invokeArn,
  });
});
const deployment = new aws.apigateway.Deployment("rest", { restApi: rest.id }, { dependsOn: integrations });
const stage = new aws.apigateway.Stage("rest", { restApi: rest.id, deployment: deployment.id, stageName: "prod" });

// The same APIs, defined by OpenAPI documents.
const written = new aws.apigateway.RestApi("written", {
  body: pulumi.jsonStringify({
    openapi: "3.0.1",
    info: { title: "written", version: "1" },
    paths: {
      "/open/{id}": { get: { "x-amazon-apigateway-integration": lambdaIntegration(hello) } },
      "/guarded": {
        "x-amazon-apigateway-any-method": {
          security: [{ token: [] }],
          "x-amazon-apigateway-integration": lambdaIntegration(hello),
        },
      },
      "/keyed": { get: { security: [{ key: [] }], "x-amazon-apigateway-integration": lambdaIntegration(hello) } },
      "/strange": {
        get: { security: [{ strange: [], token: [] }], "x-amazon-apigateway-integration": lambdaIntegration(hello) },
      },
      "/mock": {
        options: {
          "x-amazon-apigateway-integration": {
            type: "mock",
            responses: {
              default: {
                statusCode: "204",
                responseParameters: { "method.response.header.Access-Control-Allow-Origin": "'*'" },
              },
            },
          },
        },
      },
    },
    components: {
      securitySchemes: {
        key: { type: "apiKey", name: "x-api-key", in: "header" },
        strange: { type: "oauth2" },
        token: {
          type: "apiKey",
          name: "Authorization",
          in: "header",
          "x-amazon-apigateway-authtype": "custom",
          "x-amazon-apigateway-authorizer": { type: "token", authorizerUri: byPolicy.invokeArn },
        },
      },
    },
  }),
});
const writtenDeployment = new aws.apigateway.Deployment("written", { restApi: written.id });
const writtenStage = new aws.apigateway.Stage("written", {
  restApi: written.id,
  deployment: writtenDeployment.id,
  stageName: "v1",
});
const writtenHttp = new aws.apigatewayv2.Api("writtenHttp", {
  protocolType: "HTTP",
  body: pulumi.interpolate`
openapi: "3.0.1"
info: { title: writtenHttp, version: "1" }
paths:
  /jwt:
    get:
      security: [{ jwt: [] }]
      x-amazon-apigateway-integration: { type: aws_proxy, uri: "${hello.arn}", payloadFormatVersion: "2.0" }
components:
  securitySchemes:
    jwt:
      type: oauth2
      x-amazon-apigateway-authorizer:
        type: jwt
        identitySource: $request.header.Authorization
        jwtConfiguration: { issuer: "https://${pool.endpoint}", audience: ["${client.id}"] }
`,
});
new aws.apigatewayv2.Stage("writtenHttp", { apiId: writtenHttp.id, name: "$default", autoDeploy: true });

function lambdaIntegration(target: aws.lambda.Function) {
  return { type: "aws_proxy", httpMethod: "POST", uri: target.invokeArn };
}

const invokers: [name: string, target: aws.lambda.Function, sourceArn: pulumi.Input<string>][] = [
  ["hello-http", hello, pulumi.interpolate`${http.executionArn}/*/*/*`],
  ["hello-rest", hello, pulumi.interpolate`${rest.executionArn}/*/*`],
  ["simple-http", simple, pulumi.interpolate`${http.executionArn}/authorizers/${simpleAuthorizer.id}`],
  ["policy-http", byPolicy, pulumi.interpolate`${http.executionArn}/authorizers/${policyAuthorizer.id}`],
  ["hello-written", hello, pulumi.interpolate`${written.executionArn}/*/*`],
  ["policy-written", byPolicy, pulumi.interpolate`${written.executionArn}/authorizers/*`],
  ["hello-writtenHttp", hello, pulumi.interpolate`${writtenHttp.executionArn}/*/*/*`],
  ["policy-rest", byPolicy, pulumi.interpolate`${rest.executionArn}/authorizers/*`],
];
for (const [name, target, sourceArn] of invokers) {
  new aws.lambda.Permission(name, {
    action: "lambda:InvokeFunction",
    function: target.name,
    principal: "apigateway.amazonaws.com",
    sourceArn,
  });
}

export const httpUrl = http.apiEndpoint;
export const restUrl = stage.invokeUrl;
export const writtenUrl = writtenStage.invokeUrl;
export const writtenHttpUrl = writtenHttp.apiEndpoint;
export const clientId = client.id;
