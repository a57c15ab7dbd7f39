import type { Action, Catalog } from "@serverless-chat/iam";
import { editDistance } from "./editDistance.ts";

/** A name with more differing letters is a different name. */
const MAX_DISTANCE = 3;

/** The existing action whose name is most like a misspelled one. */
export function similarAction(pattern: string, catalog: Catalog): Action | undefined {
  const [prefix = "", name = ""] = pattern.split(":");
  return catalog
    .matching(`${prefix}:*`)
    .filter((action) => Math.abs(action.name.length - pattern.length) <= MAX_DISTANCE)
    .map((action) => ({ action, far: editDistance(action.name.slice(prefix.length + 1), name) }))
    .filter(({ far }) => far <= MAX_DISTANCE)
    .sort((a, b) => a.far - b.far)
    .map(({ action }) => action)[0];
}
