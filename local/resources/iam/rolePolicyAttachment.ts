import type { Cloud } from "../../cloud.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { roleOf } from "./roleOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: `${inputs.role}-${inputs.policyArn}` };
}

export function serve({ inputs }: Resource, cloud: Cloud): void {
  const { policyArn } = inputs;
  const policy = cloud.managedPolicies.get(policyArn);
  if (policy !== undefined) {
    roleOf(cloud, inputs.role).policies.set(policyArn, policy);
  } else if (!NEEDLESS.has(policyArn)) {
    cloud.report({
      event: "warning",
      message: `the managed policy ${policyArn} is not part of this program: it allows nothing here`,
    });
  }
}

/** For services whose own calls are not evaluated here. */
const NEEDLESS = new Set(["arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]);
