import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { attachManaged } from "./attachManaged.ts";
import { roleOf } from "./roleOf.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }): Made {
  return { id: inputs.name ?? name };
}

/** Attaches a policy to roles; here, users and groups call nothing. */
export function serve({ inputs }: Resource, draft: Draft): void {
  for (const role of inputs.roles ?? []) attachManaged(draft, roleOf(draft, role), inputs.policyArn);
}
