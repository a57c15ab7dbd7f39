import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { apiOf } from "./apiOf.ts";

export function outputs({ urn, inputs }: { urn: string; inputs: Inputs }): Made {
  return { id: stableId(`${urn} ${JSON.stringify(inputs.triggers)}`, LOWERCASE, 6), autoDeployed: false };
}

/** Stores a snapshot of the API, because a stage serves its API as it was when the deployment was created. */
export function serve({ id, inputs }: Resource, draft: Draft): void {
  // The stages of an HTTP API serve what it has when the program has ended.
  if (draft.httpApis.has(inputs.apiId)) return;
  const api = apiOf(draft, inputs.apiId);
  if (api.routes.size === 0) {
    throw new Error("BadRequestException: At least one route is required before deploying the Api.");
  }
  api.deployments.set(id, api.snapshot());
}
