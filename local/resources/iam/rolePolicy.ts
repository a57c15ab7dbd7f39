import { parsePolicy } from "@serverless-chat/iam";
import type { Cloud } from "../../cloud.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { roleOf } from "./roleOf.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }): Made {
  const policyName = inputs.name ?? name;
  return { id: `${inputs.role}:${policyName}`, name: policyName };
}

export function serve({ id, inputs }: Resource, cloud: Cloud): void {
  roleOf(cloud, inputs.role).policies.set(id, parsePolicy(inputs.policy));
}
