import { parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { roleOf } from "./roleOf.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }): Made {
  const policyName = inputs.name ?? name;
  return { id: `${inputs.role}:${policyName}`, name: policyName };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  roleOf(draft, inputs.role).policies.set(id, parsePolicy(inputs.policy));
}
