import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Made } from "../model.ts";

export function outputs({ urn }: { urn: string }): Made {
  return { id: stableId(urn, LOWERCASE, 6) };
}
