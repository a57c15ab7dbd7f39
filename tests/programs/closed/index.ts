import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const code = new pulumi.asset.AssetArchive({
  "index.js": new pulumi.asset.StringAsset(`
    exports.hello = async ({ routeKey, rawPath }) => ({ statusCode: 200, body: "hello from " + routeKey + " " + rawPath });
    exports.guard = async ({ methodArn }) => ({
      principalId: "user",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: methodArn }],
      },
    });
  `),
});
const role = new aws.iam.Role("lambda", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});
const functionOf = (name: string) =>
  new aws.lambda.Function(name, { role: role.arn, runtime: "nodejs22.x", handler: `index.${name}`, code });
const hello = functionOf("hello");
const guard = functionOf("guard");
new aws.lambda.Permission("hello", {
  action: "lambda:InvokeFunction",
  function: hello.name,
  principal: "apigateway.amazonaws.com",
});

// WebSocket APIs.
function createSocket(name: string, args: Partial<aws.apigatewayv2.ApiArgs>): aws.apigatewayv2.Api {
  return new aws.apigatewayv2.Api(name, {
    protocolType: "WEBSOCKET",
    routeSelectionExpression: "$request.body.action",
    ...args,
  });
}
function urlOf(name: string, api: aws.apigatewayv2.Api, route: Partial<aws.apigatewayv2.RouteArgs>) {
  const integration = new aws.apigatewayv2.Integration(name, {
    apiId: api.id,
    integrationType: "AWS_PROXY",
    integrationUri: hello.invokeArn,
  });
  new aws.apigatewayv2.Route(name, {
    apiId: api.id,
    routeKey: "$connect",
    target: pulumi.interpolate`integrations/${integration.id}`,
    ...route,
  });
  return new aws.apigatewayv2.Stage(name, { apiId: api.id, name: "dev", autoDeploy: true }).invokeUrl;
}
const onlyByDomain = { disableExecuteApiEndpoint: true };
export const disabledSocket = urlOf("disabledSocket", createSocket("disabledSocket", onlyByDomain), {});

// An authorizer that API Gateway invokes through a role: one role has the grant for that, the other doesn't.
const trust = aws.iam.assumeRolePolicyForPrincipal({ Service: "apigateway.amazonaws.com" });
const invoker = new aws.iam.Role("invoker", { assumeRolePolicy: trust });
const powerless = new aws.iam.Role("powerless", { assumeRolePolicy: trust });
new aws.iam.RolePolicy("invoker", {
  role: invoker.name,
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: guard.arn }],
  },
});
function guardedBy(name: string, { arn }: aws.iam.Role) {
  const api = createSocket(name, {});
  const authorizer = new aws.apigatewayv2.Authorizer(name, {
    apiId: api.id,
    authorizerType: "REQUEST",
    authorizerUri: guard.invokeArn,
    authorizerCredentialsArn: arn,
  });
  return urlOf(name, api, { authorizationType: "CUSTOM", authorizerId: authorizer.id });
}
export const byRole = guardedBy("byRole", invoker);
export const byPowerlessRole = guardedBy("byPowerlessRole", powerless);

// Function URLs, one of them for a failing function.
const urlFor = (name: string, target: aws.lambda.Function, authorizationType = "NONE") =>
  new aws.lambda.FunctionUrl(name, {
    functionName: target.name,
    authorizationType,
    cors: { allowOrigins: ["https://example.com"] },
  }).functionUrl;
export const openUrl = urlFor("openUrl", hello);
export const signedUrl = urlFor("signedUrl", guard, "AWS_IAM");
export const failingUrl = urlFor("failingUrl", functionOf("missing"));

// HTTP and REST APIs.
export const disabledHttp = new aws.apigatewayv2.Api("disabledHttp", {
  protocolType: "HTTP",
  target: hello.arn,
  ...onlyByDomain,
}).apiEndpoint;

function createRest(name: string, args: aws.apigateway.RestApiArgs) {
  const restApi = new aws.apigateway.RestApi(name, args);
  const at = { restApi: restApi.id, resourceId: restApi.rootResourceId, httpMethod: "GET" };
  const method = new aws.apigateway.Method(name, { ...at, authorization: "NONE" });
  const integration = new aws.apigateway.Integration(
    name,
    { ...at, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: hello.invokeArn },
    { dependsOn: method },
  );
  const deployment = new aws.apigateway.Deployment(name, { restApi: restApi.id }, { dependsOn: integration });
  const stage = new aws.apigateway.Stage(name, { restApi: restApi.id, deployment: deployment.id, stageName: "v1" });
  return { id: restApi.id, url: stage.invokeUrl };
}
const invoke = (statement: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", ...statement }],
  });
const from = (range: string) => ({ Resource: "execute-api:/*", Condition: { IpAddress: { "aws:SourceIp": range } } });
export const disabledRest = createRest("disabledRest", onlyByDomain).url;
export const privateRest = createRest("privateRest", { endpointConfiguration: { types: "PRIVATE" } }).url;
export const restForUs = createRest("restForUs", { policy: invoke(from("127.0.0.0/8")) }).url;
export const restForOthers = createRest("restForOthers", { policy: invoke(from("10.0.0.0/8")) }).url;
const denied = createRest("denied", {});
new aws.apigateway.RestApiPolicy("denied", {
  restApiId: denied.id,
  policy: invoke({ Effect: "Deny", Resource: "*" }),
});
export const deniedRest = denied.url;
