/** The resources of an API with the HTTP protocol, where they differ from those of a WebSocket API. */
import type { Draft } from "../../draft.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import { type Cors, HttpApi } from "../../httpApi/definition.ts";
import type { Inputs, Resource } from "../model.ts";

const LONGEST_TIMEOUT_MS = 30_000;

export async function serveHttpApi({ id, inputs }: Resource, draft: Draft): Promise<void> {
  const { name, target, routeKey = "$default", corsConfiguration, body } = inputs;
  const api = new HttpApi(id, name, "HTTP");
  if (inputs.disableExecuteApiEndpoint === true) api.closed = ENDPOINT_DISABLED;
  if (corsConfiguration !== undefined) api.cors = corsOf(corsConfiguration);
  if (body !== undefined) {
    const { addOpenApi } = await import("../../httpApi/openApi.ts");
    await addOpenApi(api, body);
  }
  draft.httpApis.set(id, api);
  if (target === undefined) return;
  // Quick create: one route and one stage.
  api.integrations.set("target", integrationOf({ integrationType: "AWS_PROXY", integrationUri: target }));
  api.routes.set("target", { ...parsedKey(routeKey), integrationId: "target", ...OPEN });
  api.stages.set("$default", { name: "$default", variables: {} });
}

/** Reported with each request to an API whose default endpoint is disabled. */
export const ENDPOINT_DISABLED = "disableExecuteApiEndpoint is set, and the local cloud does not serve custom domains";

const OPEN = { authorizationType: "NONE", scopes: [], apiKeyRequired: false };

export function serveHttpRoute({ id, inputs }: Resource, api: HttpApi): void {
  const { routeKey, target = "", authorizationType = "NONE", apiKeyRequired = false } = inputs;
  const { authorizerId, authorizationScopes: scopes = [] } = inputs;
  const { method, path } = parsedKey(routeKey);
  if ([...api.routes.values()].some((route) => route.method === method && route.path === path)) {
    throw new Error(`ConflictException: Route with key ${routeKey} already exists for this API`);
  }
  api.routes.set(id, {
    method,
    path,
    integrationId: target.replace(/^integrations\//, ""),
    authorizationType,
    ...(authorizerId === undefined ? {} : { authorizerId }),
    scopes,
    apiKeyRequired,
  });
}

/** @throws Error with API Gateway's message for an invalid authorizer */
export function serveHttpAuthorizer({ id, inputs }: Resource, api: HttpApi): void {
  const { authorizerType, authorizerUri = "", identitySources = [], enableSimpleResponses = false } = inputs;
  const { authorizerPayloadFormatVersion, authorizerCredentialsArn, jwtConfiguration } = inputs;
  if (authorizerType === "JWT") {
    const { issuer, audiences = [] } = jwtConfiguration ?? {};
    if (issuer === undefined) throw new Error("BadRequestException: The issuer of a JWT authorizer is missing");
    api.authorizers.set(id, { kind: "JWT", id, identitySources, issuers: [issuer], audiences });
    return;
  }
  if (authorizerPayloadFormatVersion === undefined) {
    throw new Error(
      "BadRequestException: AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer",
    );
  }
  api.authorizers.set(id, {
    kind: "REQUEST",
    id,
    functionName: functionNameOf(authorizerUri),
    ...(authorizerCredentialsArn === undefined ? {} : { credentialsArn: authorizerCredentialsArn }),
    identitySources,
    payloadVersion: authorizerPayloadFormatVersion === "1.0" ? "1.0" : "2.0",
    simpleResponses: enableSimpleResponses,
    // Without identity sources, there is no key to cache results by.
    ttlSeconds: identitySources.length === 0 ? 0 : (inputs.authorizerResultTtlInSeconds ?? DEFAULT_TTL_SECONDS),
  });
}

/** How long an authorizer's result is cached by default, as with Pulumi's AWS provider. */
const DEFAULT_TTL_SECONDS = 300;

export function serveHttpIntegration({ id, inputs }: Resource, api: HttpApi): void {
  api.integrations.set(id, integrationOf(inputs));
}

export function serveHttpStage({ inputs }: Resource, api: HttpApi): void {
  api.stages.set(inputs.name, { name: inputs.name, variables: inputs.stageVariables ?? {} });
}

function integrationOf(inputs: Inputs) {
  const {
    integrationType: type,
    integrationUri = "",
    payloadFormatVersion,
    timeoutMilliseconds,
    credentialsArn,
  } = inputs;
  return {
    type,
    functionName: functionNameOf(integrationUri),
    timeoutMs: timeoutMilliseconds ?? LONGEST_TIMEOUT_MS,
    payloadVersion: payloadFormatVersion === "1.0" ? ("1.0" as const) : ("2.0" as const),
    ...(credentialsArn === undefined ? {} : { credentialsArn }),
  };
}

function parsedKey(routeKey: string): { method: string; path: string } {
  if (routeKey === "$default") return { method: "ANY", path: "$default" };
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(routeKey) ?? [];
  if (method !== undefined && path !== undefined) return { method, path };
  throw new Error(
    `BadRequestException: The provided route key is not formatted properly for HTTP protocol: ${routeKey}`,
  );
}

export function corsOf(configuration: Inputs): Cors {
  const { allowOrigins = [], allowMethods = [], allowHeaders = [], exposeHeaders = [] } = configuration;
  const { allowCredentials = false, maxAge } = configuration;
  return {
    allowOrigins,
    allowMethods,
    allowHeaders,
    exposeHeaders,
    allowCredentials,
    ...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
  };
}
