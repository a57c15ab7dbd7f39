import type { Draft } from "../../draft.ts";
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Made, Resource } from "../model.ts";
import { pathOf, restApiOf } from "./restApiOf.ts";

export function outputs({ urn }: { urn: string }): Made {
  return { id: stableId(urn, LOWERCASE, 6) };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  const api = restApiOf(draft, inputs.restApi);
  const parent = pathOf(api, inputs.parentId);
  api.paths.set(id, `${parent === "/" ? "" : parent}/${inputs.pathPart}`);
}
