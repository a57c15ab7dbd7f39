import type { Draft } from "../../draft.ts";
import type { HttpApi } from "../../httpApi/definition.ts";

/** @throws Error with API Gateway's message if there is no such API */
export function restApiOf(draft: Draft, restApi: string): HttpApi {
  const api = draft.httpApis.get(restApi);
  if (api === undefined)
    throw new Error(`NotFoundException: Invalid API identifier specified ${draft.accountId}:${restApi}`);
  return api;
}

/** The path of a resource. @throws Error with API Gateway's message if there is no such resource */
export function pathOf(api: HttpApi, resourceId: string): string {
  const path = api.paths.get(resourceId);
  if (path === undefined) throw new Error("NotFoundException: Invalid Resource identifier specified");
  return path;
}

/** The id of a method's only integration. */
export function integrationKey(resourceId: string, httpMethod: string): string {
  return `${resourceId} ${httpMethod}`;
}
