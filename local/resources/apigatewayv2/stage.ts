import type { Draft } from "../../draft.ts";
import type { ApiDefinition, Deployed, ThrottleSettings } from "../../gateway/definition.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";
import { apiOf } from "./apiOf.ts";
import { serveHttpStage } from "./httpApi.ts";

export async function outputs({ inputs }: { inputs: Inputs }, place: Place): Promise<Made> {
  const { apiId, name } = inputs;
  return {
    id: name,
    arn: `arn:aws:apigateway:${place.region}::/apis/${apiId}/stages/${name}`,
    executionArn: place.arnOf("execute-api", `${apiId}/${name}`),
    invokeUrl: place.httpApis.has(apiId)
      ? `${place.httpScheme}://${await place.httpHostOf(apiId)}/${name === "$default" ? "" : name}`
      : `${place.webSocketScheme}://${await place.hostOf(apiId)}/${name}`,
  };
}

export function serve(resource: Resource, draft: Draft): void {
  const { inputs } = resource;
  const httpApi = draft.httpApis.get(inputs.apiId);
  if (httpApi !== undefined) {
    serveHttpStage(resource, httpApi);
    return;
  }
  const api = apiOf(draft, inputs.apiId);
  const throttle = throttleOf(inputs.defaultRouteSettings ?? {});
  const deployed = deployedOf(api, inputs);
  api.stages.set(inputs.name, {
    name: inputs.name,
    get deployed() {
      return deployed();
    },
    variables: inputs.stageVariables ?? {},
    ...(throttle === undefined ? {} : { throttle }),
    routeThrottles: routeThrottlesOf(inputs.routeSettings ?? []),
    ...(inputs.accessLogSettings === undefined ? {} : { accessLog: accessLogOf(inputs.accessLogSettings) }),
  });
}

function throttleOf({ throttlingRateLimit: rate, throttlingBurstLimit: burst }: Inputs): ThrottleSettings | undefined {
  return rate === undefined || burst === undefined ? undefined : { rate, burst };
}

function routeThrottlesOf(routeSettings: Inputs[]): Map<string, ThrottleSettings> {
  const throttles = new Map<string, ThrottleSettings>();
  for (const settings of routeSettings) {
    const throttle = throttleOf(settings);
    if (throttle !== undefined) throttles.set(settings.routeKey, throttle);
  }
  return throttles;
}

/**
 * With `autoDeploy`, a stage serves everything that its API has, including routes registered after the stage: the
 * snapshot is taken at the first request, which comes after the program has ended. Otherwise the stage serves its
 * deployment's snapshot.
 */
function deployedOf(api: ApiDefinition, { autoDeploy, deploymentId }: Inputs): () => Deployed {
  if (!autoDeploy) {
    const deployed = api.deployments.get(deploymentId) ?? emptyDeployment(api);
    return () => deployed;
  }
  let deployed: Deployed | undefined;
  return () => {
    deployed ??= api.snapshot();
    return deployed;
  };
}

function emptyDeployment(api: ApiDefinition): Deployed {
  const { routeSelectionExpression, isEndpointDisabled } = api;
  return {
    routeSelectionExpression,
    isEndpointDisabled,
    routes: new Map(),
    integrations: new Map(),
    authorizers: new Map(),
    answering: new Set(),
  };
}

function accessLogOf({ destinationArn, format }: { destinationArn: string; format: string }) {
  if (!/\$context\.(requestId|extendedRequestId)/.test(format)) {
    throw new Error(
      "BadRequestException: an access log format must include $context.requestId or $context.extendedRequestId",
    );
  }
  if (Buffer.byteLength(format) > 3 * 1024)
    throw new Error("BadRequestException: an access log format must not exceed 3 KB");
  return { group: destinationArn.split(":log-group:")[1] ?? destinationArn, format };
}
