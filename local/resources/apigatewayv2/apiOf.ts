import type { Cloud } from "../../cloud.ts";
import type { ApiDefinition } from "../../gateway/definition.ts";

/** @throws Error as API Gateway says it when there is no such API */
export function apiOf(cloud: Cloud, apiId: string): ApiDefinition {
  const api = cloud.apis.get(apiId);
  if (api === undefined)
    throw new Error(`NotFoundException: Invalid API identifier specified ${cloud.accountId}:${apiId}`);
  return api;
}
