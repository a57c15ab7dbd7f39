import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { buildSync } from "esbuild";
import { createApi, createDeployment, createFunction, createRoutes, serveRoutes } from "../resources";

/** The archive contains no packages, so the SDK is bundled into its only file. */
const code = buildSync({
  entryPoints: [join(__dirname, "handlers.ts")],
  bundle: true,
  write: false,
  format: "cjs",
  platform: "node",
  mainFields: ["module", "main"],
  tsconfigRaw: {},
  logLevel: "silent",
}).outputFiles[0]?.text as string;

const api = createApi("connections");
const variables = {
  CONNECTIONS_URL: pulumi.interpolate`${api.apiEndpoint.apply((endpoint) => endpoint.replace(/^ws/, "http"))}/prod`,
};
/** The permission for these methods of `@connections`, at the stage `prod` and at one that doesn't exist. */
const rightTo = (...methods: string[]): aws.iam.PolicyStatement[] => [
  {
    Effect: "Allow",
    Action: "execute-api:ManageConnections",
    Resource: ["prod", "absent"].flatMap((stage) =>
      methods.map((method) => pulumi.interpolate`${api.executionArn}/${stage}/${method}/@connections/*`),
    ),
  },
];
const echo = createFunction("echo", { code });
const managing = { code, variables, timeout: 20 };
const routes = createRoutes("connections", api, {
  $connect: {
    target: createFunction("connect", { ...managing, statements: rightTo("POST") }),
    permittedStage: "prod",
  },
  $disconnect: { target: createFunction("disconnect", { code }) },
  manage: { target: createFunction("manage", { ...managing, statements: rightTo("POST", "GET", "DELETE") }) },
  managePosting: {
    target: createFunction("managePosting", { ...managing, handler: "manage", statements: rightTo("POST") }),
  },
  flood: { target: createFunction("flood", { ...managing, statements: rightTo("POST") }) },
  $default: { target: echo },
});
const deployment = createDeployment("connections", api, routes);
const createStage = (name: string) =>
  new aws.apigatewayv2.Stage(name, { apiId: api.id, name, deploymentId: deployment.id });

export const apiId = api.id;
export const url = createStage("prod").invokeUrl;
/** No permission allows this stage to invoke the function of `$connect`. */
export const unpermittedUrl = createStage("unpermitted").invokeUrl;
/** An API without a `$connect` route. */
export const openUrl = serveRoutes("open", { $default: { target: echo } });
