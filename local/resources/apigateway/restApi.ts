import { parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import { HttpApi } from "../../httpApi/definition.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import { ENDPOINT_DISABLED } from "../apigatewayv2/httpApi.ts";
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
  if (inputs.disableExecuteApiEndpoint === true) api.closed = ENDPOINT_DISABLED;
  if (inputs.endpointConfiguration?.types === "PRIVATE") api.closed = "the API is private, and there is no VPC here";
  if (inputs.policy !== undefined) setPolicy(api, inputs.policy, draft);
  if (inputs.body !== undefined) {
    const { addOpenApi } = await import("../../httpApi/openApi.ts");
    await addOpenApi(api, inputs.body);
  }
  draft.httpApis.set(id, api);
}

/** @throws Error saying why the policy can't be read; the API then stays closed */
export function setPolicy(api: HttpApi, policy: unknown, draft: Draft): void {
  api.policy = NOTHING;
  const text = typeof policy === "string" ? policy : JSON.stringify(policy);
  // Expands the short form of a resource, execute-api:/STAGE/METHOD/PATH.
  api.policy = parsePolicy(text.replaceAll('"execute-api:/', `"${draft.arnOf("execute-api", api.id)}/`));
}

const NOTHING = parsePolicy({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Principal: "*", Action: "execute-api:*", Resource: "*" }],
});

function rootOf(id: string): string {
  return stableId(`${id} root`, LOWERCASE, 10);
}
