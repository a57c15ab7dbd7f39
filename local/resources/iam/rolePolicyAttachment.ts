import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { roleOf } from "./roleOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: `${inputs.role}-${inputs.policyArn}` };
}

export function serve({ inputs }: Resource, draft: Draft): void {
  const { policyArn } = inputs;
  const policy = draft.managedPolicies.get(policyArn);
  if (policy !== undefined) {
    roleOf(draft, inputs.role).policies.set(policyArn, policy);
  } else if (!NEEDLESS.has(policyArn)) {
    draft.report({
      event: "warning",
      message: `the managed policy ${policyArn} is not part of this program: it allows nothing here`,
    });
  }
}

/** For services whose own calls are not evaluated here. */
const NEEDLESS = new Set(["arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]);
