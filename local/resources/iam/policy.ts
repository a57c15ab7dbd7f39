import { parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, place: Place): Made {
  const policyName = inputs.name ?? name;
  const arn = `arn:aws:iam::${place.accountId}:policy${inputs.path ?? "/"}${policyName}`;
  return { id: arn, arn, name: policyName };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  draft.managedPolicies.set(id, parsePolicy(inputs.policy));
}
