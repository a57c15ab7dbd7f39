import type { Draft } from "../../draft.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import { HttpApi } from "../../httpApi/definition.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import { corsOf } from "../apigatewayv2/httpApi.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export async function outputs({ urn, inputs }: { urn: string; inputs: Inputs }, place: Place): Promise<Made> {
  const name = functionNameOf(inputs.functionName);
  const urlId = urlIdOf(urn);
  return {
    id: name,
    urlId,
    functionArn: place.arnOf("lambda", `function:${name}`),
    functionUrl: `${place.httpScheme}://${await place.httpHostOf(urlId)}/`,
  };
}

/** Serves a function URL as an HTTP API with one route. */
export function serve({ urn, id, inputs }: Resource, draft: Draft): void {
  const { authorizationType, cors, invokeMode } = inputs;
  const lambda = draft.functions.get(id);
  if (lambda === undefined) throw new Error(`ResourceNotFoundException: Function not found: ${inputs.functionName}`);
  if (invokeMode === "RESPONSE_STREAM") {
    draft.warnOnce(`the URL of the function ${id} streams its responses: here, each is sent when it is complete`);
  }
  const api = new HttpApi(urlIdOf(urn), id, "URL");
  if (cors !== undefined) api.cors = corsOf(cors);
  api.integrations.set("url", {
    type: "AWS_PROXY",
    functionName: id,
    timeoutMs: (lambda.settings.timeoutSeconds + INIT_SECONDS) * 1000,
    payloadVersion: "2.0",
  });
  api.routes.set("url", {
    method: "ANY",
    path: "$default",
    integrationId: "url",
    authorizationType,
    scopes: [],
    apiKeyRequired: false,
  });
  api.stages.set("$default", { name: "$default", variables: {} });
  draft.httpApis.set(api.id, api);
}

/** Time for an execution environment to start, in addition to the function's timeout. */
const INIT_SECONDS = 10;

function urlIdOf(urn: string): string {
  return stableId(`${urn} url`, LOWERCASE, 32);
}
