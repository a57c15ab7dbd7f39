import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made } from "../model.ts";

/** A deployment is only an id, because a stage serves what its API has when the program has ended. */
export function outputs({ urn, inputs }: { urn: string; inputs: Inputs }): Made {
  return { id: stableId(`${urn} ${JSON.stringify(inputs.triggers)}`, LOWERCASE, 6) };
}
