import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Made, Resource } from "../model.ts";
import { apiOf } from "./apiOf.ts";

export function outputs({ urn }: { urn: string }): Made {
  return { id: stableId(urn, LOWERCASE, 7) };
}

export function serve({ inputs }: Resource, draft: Draft): void {
  if (inputs.routeResponseKey !== "$default") {
    throw new Error(`BadRequestException: the route response key must be $default, not ${inputs.routeResponseKey}`);
  }
  const api = apiOf(draft, inputs.apiId);
  if (api.routes.get(inputs.routeId)?.routeResponseSelectionExpression !== undefined) api.answering.add(inputs.routeId);
}
