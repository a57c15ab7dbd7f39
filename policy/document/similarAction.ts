import type { Action, Catalog } from "@serverless-chat/iam";
import { editDistance } from "./editDistance.ts";

/** Names that differ in more letters than this are considered different names. */
const MAX_DISTANCE = 3;

/** Finds the existing action whose name is most similar to a misspelled one. */
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
