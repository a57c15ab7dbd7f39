import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { attachManaged } from "./attachManaged.ts";
import { roleOf } from "./roleOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: `${inputs.role}-${inputs.policyArn}` };
}

export function serve({ inputs }: Resource, draft: Draft): void {
  const { policyArn } = inputs;
  attachManaged(draft, roleOf(draft, inputs.role), policyArn);
}
