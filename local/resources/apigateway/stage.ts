import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";
import { restApiOf } from "./restApiOf.ts";

export async function outputs({ inputs }: { inputs: Inputs }, place: Place): Promise<Made> {
  const { restApi, stageName } = inputs;
  return {
    id: `ags-${restApi}-${stageName}`,
    arn: `arn:aws:apigateway:${place.region}::/restapis/${restApi}/stages/${stageName}`,
    executionArn: place.arnOf("execute-api", `${restApi}/${stageName}`),
    invokeUrl: `${place.httpScheme}://${await place.httpHostOf(restApi)}/${stageName}`,
  };
}

export function serve({ inputs }: Resource, draft: Draft): void {
  const { stageName, variables = {} } = inputs;
  restApiOf(draft, inputs.restApi).stages.set(stageName, { name: stageName, variables });
}
