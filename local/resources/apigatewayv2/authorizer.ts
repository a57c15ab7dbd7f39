import type { Draft } from "../../draft.ts";
import { functionNameOf } from "../../gateway/invoke.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Made, Resource } from "../model.ts";
import { apiOf } from "./apiOf.ts";
import { serveHttpAuthorizer } from "./httpApi.ts";

export function outputs({ urn }: { urn: string }): Made {
  return { id: stableId(urn, LOWERCASE, 6) };
}

/** Creates an authorizer. HTTP APIs support more kinds; a WebSocket API with one of those is refused, not left open. */
export function serve({ urn, id, inputs }: Resource, draft: Draft): void {
  const httpApi = draft.httpApis.get(inputs.apiId);
  if (httpApi !== undefined) {
    serveHttpAuthorizer({ urn, id, inputs }, httpApi);
    return;
  }
  const { authorizerType, identitySources = [], authorizerUri = "", authorizerCredentialsArn: credentialsArn } = inputs;
  if (authorizerType !== "REQUEST") {
    throw new Error(`BadRequestException: a WebSocket API only supports REQUEST authorizers, not ${authorizerType}`);
  }
  for (const input of ["authorizerPayloadFormatVersion", "authorizerResultTtlInSeconds", "enableSimpleResponses"]) {
    if (inputs[input]) throw new Error(`BadRequestException: ${input} is not supported for WebSocket APIs`);
  }
  for (const source of identitySources as string[]) {
    if (/^(route\.request\.(header|querystring)|context|stageVariables)\..+$/.test(source)) continue;
    throw new Error(`BadRequestException: ${source} is not an identity source of a WebSocket API`);
  }
  const functionName = functionNameOf(authorizerUri);
  const byRole = credentialsArn === undefined ? {} : { credentialsArn };
  apiOf(draft, inputs.apiId).authorizers.set(id, { id, identitySources, functionName, ...byRole });
}
