import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export async function outputs({ urn, inputs }: { urn: string; inputs: Inputs }, place: Place): Promise<Made> {
  const id = stableId(urn, LOWERCASE, 10);
  return {
    id,
    apiEndpoint: `${place.webSocketScheme}://${await place.hostOf(id)}`,
    arn: `arn:aws:apigateway:${place.region}::/apis/${id}`,
    executionArn: place.arnOf("execute-api", id),
    routeSelectionExpression: inputs.routeSelectionExpression ?? "$request.method $request.path",
  };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  if (inputs.protocolType !== "WEBSOCKET") {
    draft.report({
      event: "warning",
      message: `the API "${inputs.name}" is of type ${inputs.protocolType}: only WEBSOCKET is served`,
    });
    return;
  }
  if (inputs.routeSelectionExpression === undefined) {
    throw new Error("BadRequestException: routeSelectionExpression must be specified for a WEBSOCKET API");
  }
  draft.addApi(id, inputs.name, inputs.routeSelectionExpression);
}
