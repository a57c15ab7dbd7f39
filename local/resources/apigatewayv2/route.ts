import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Made, Resource } from "../model.ts";
import { apiOf } from "./apiOf.ts";
import { serveHttpRoute } from "./httpApi.ts";

export function outputs({ urn }: { urn: string }): Made {
  return { id: stableId(urn, LOWERCASE, 7) };
}

export function serve(resource: Resource, draft: Draft): void {
  const { id, inputs } = resource;
  const httpApi = draft.httpApis.get(inputs.apiId);
  if (httpApi !== undefined) {
    serveHttpRoute(resource, httpApi);
    return;
  }
  const { routeKey, target, authorizationType = "NONE", authorizerId, routeResponseSelectionExpression } = inputs;
  const { apiKeyRequired = false } = inputs;
  const api = apiOf(draft, inputs.apiId);
  if ([...api.routes.values()].some((route) => route.routeKey === routeKey)) {
    throw new Error(`ConflictException: Route with key ${routeKey} already exists for this API`);
  }
  if (authorizationType !== "NONE" && routeKey !== "$connect") {
    throw new Error("BadRequestException: Currently, authorization is restricted to the $connect route only");
  }
  if (!["NONE", "CUSTOM", "AWS_IAM"].includes(authorizationType)) {
    throw new Error(
      `BadRequestException: a WebSocket API does not support the authorization type ${authorizationType}`,
    );
  }
  api.routes.set(id, {
    id,
    routeKey,
    target,
    authorizationType,
    authorizerId,
    apiKeyRequired,
    routeResponseSelectionExpression,
  });
}
