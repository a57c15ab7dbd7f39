import type { Draft } from "../../draft.ts";
import { HttpApi } from "../../httpApi/definition.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export async function outputs({ urn, inputs }: { urn: string; inputs: Inputs }, place: Place): Promise<Made> {
  const id = stableId(urn, LOWERCASE, 10);
  await place.httpHostOf(id);
  return {
    id,
    arn: `arn:aws:apigateway:${place.region}::/restapis/${id}`,
    executionArn: place.arnOf("execute-api", id),
    rootResourceId: rootOf(id),
    ...(inputs.name === undefined ? { name: id } : {}),
  };
}

export async function serve({ id, inputs }: Resource, draft: Draft): Promise<void> {
  const api = new HttpApi(id, inputs.name ?? id, "REST");
  api.binaryMediaTypes = inputs.binaryMediaTypes ?? [];
  api.paths.set(rootOf(id), "/");
  if (inputs.body !== undefined) {
    const { addOpenApi } = await import("../../httpApi/openApi.ts");
    await addOpenApi(api, inputs.body);
  }
  draft.httpApis.set(id, api);
}

function rootOf(id: string): string {
  return stableId(`${id} root`, LOWERCASE, 10);
}
