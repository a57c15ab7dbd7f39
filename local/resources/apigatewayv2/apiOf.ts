import type { Draft } from "../../draft.ts";
import type { ApiDefinition } from "../../gateway/definition.ts";

/** @throws Error with API Gateway's message if there is no such API */
export function apiOf(draft: Draft, apiId: string): ApiDefinition {
  const api = draft.apis.get(apiId);
  if (api === undefined)
    throw new Error(`NotFoundException: Invalid API identifier specified ${draft.accountId}:${apiId}`);
  return api;
}
