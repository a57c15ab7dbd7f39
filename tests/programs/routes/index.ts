import * as aws from "@pulumi/aws";
import { createApi, createDeployment, createFunction, createRoutes, serveRoutes } from "../resources";

const target = createFunction("echo");
const echo = { target };
const wait = createFunction("wait");

const api = createApi("actions");
const routes = createRoutes("actions", api, {
  $connect: echo,
  $disconnect: echo,
  $default: echo,
  echo,
  "7": echo,
  fail: { target: createFunction("fail") },
  measure: { target: createFunction("measure") },
  wait: { target: wait },
  waitTooLong: { target: createFunction("waitTooLong", { handler: "wait", timeout: 1 }) },
  waitImpatiently: { target: wait, timeoutMilliseconds: 100 },
  answerNobodyHears: { target, answers: false },
  returnNull: { target: createFunction("returnNull") },
});
const deployment = createDeployment("actions", api, routes);
/** Created before the stage, but not part of its deployment. */
const late = createRoutes("late", api, { late: { ...echo, dependsOn: [deployment] } });

export const url = new aws.apigatewayv2.Stage(
  "prod",
  { apiId: api.id, name: "prod", deploymentId: deployment.id },
  { dependsOn: late },
).invokeUrl;
/** A stage that passes four requests and, within a test's duration, no more. */
const throttled = (name: string) =>
  new aws.apigatewayv2.Stage(name, {
    apiId: api.id,
    name,
    deploymentId: deployment.id,
    defaultRouteSettings: { throttlingBurstLimit: 4, throttlingRateLimit: 0.001 },
  }).invokeUrl;
export const throttledFramesUrl = throttled("throttledFrames");
export const throttledHandshakesUrl = throttled("throttledHandshakes");

export const twoPartsUrl = serveRoutes(
  "twoParts",
  { "x/y": echo, "x/": echo, "/": echo, $default: echo },
  "${request.body.a}/${request.body.b}",
);
export const nestedUrl = serveRoutes(
  "nested",
  { status: echo, "7": echo, true: echo, $default: echo },
  "$request.body.header.kind",
);
export const staticUrl = serveRoutes("static", { everything: echo, $default: echo }, "everything");
export const alwaysDefaultUrl = serveRoutes("alwaysDefault", { hello: echo, $default: echo }, "\\$default");
/** An API without a `$default` route. */
export const strictUrl = serveRoutes("strict", { hello: echo });
