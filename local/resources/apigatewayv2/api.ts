import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";
import { serveHttpApi } from "./httpApi.ts";

export async function outputs({ urn, inputs }: { urn: string; inputs: Inputs }, place: Place): Promise<Made> {
  const id = stableId(urn, LOWERCASE, 10);
  const isHttp = inputs.protocolType === "HTTP";
  if (isHttp) place.httpApis.add(id);
  return {
    id,
    apiEndpoint: isHttp
      ? `${place.httpScheme}://${await place.httpHostOf(id)}`
      : `${place.webSocketScheme}://${await place.hostOf(id)}`,
    arn: `arn:aws:apigateway:${place.region}::/apis/${id}`,
    executionArn: place.arnOf("execute-api", id),
    routeSelectionExpression: inputs.routeSelectionExpression ?? "$request.method $request.path",
  };
}

export async function serve(resource: Resource, draft: Draft): Promise<void> {
  const { id, inputs } = resource;
  if (inputs.protocolType === "HTTP") {
    await serveHttpApi(resource, draft);
    return;
  }
  if (inputs.routeSelectionExpression === undefined) {
    throw new Error("BadRequestException: routeSelectionExpression must be specified for a WEBSOCKET API");
  }
  const api = draft.addApi(id, inputs.name, inputs.routeSelectionExpression);
  api.isEndpointDisabled = inputs.disableExecuteApiEndpoint === true;
}
