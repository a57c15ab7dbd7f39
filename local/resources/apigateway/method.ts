import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { integrationKey, pathOf, restApiOf } from "./restApiOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: `agm-${inputs.restApi}-${inputs.resourceId}-${inputs.httpMethod}` };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  const { resourceId, httpMethod, authorization = "NONE", apiKeyRequired = false } = inputs;
  const { authorizerId, authorizationScopes: scopes = [] } = inputs;
  const api = restApiOf(draft, inputs.restApi);
  api.routes.set(id, {
    method: httpMethod,
    path: pathOf(api, resourceId),
    integrationId: integrationKey(resourceId, httpMethod),
    authorizationType: authorization,
    ...(authorizerId === undefined ? {} : { authorizerId }),
    scopes,
    apiKeyRequired,
  });
}
