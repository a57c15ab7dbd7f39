import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { attachManaged } from "./attachManaged.ts";
import { roleOf } from "./roleOf.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }): Made {
  return { id: inputs.name ?? name };
}

/**
 * Attaches a policy to roles. Users and groups are ignored, because nothing in the local cloud makes calls as one.
 */
export function serve({ inputs }: Resource, draft: Draft): void {
  for (const role of inputs.roles ?? []) attachManaged(draft, roleOf(draft, role), inputs.policyArn);
}
