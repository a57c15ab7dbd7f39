/** A custom domain has no effect: clients connect to this machine. */
import { LOWERCASE, stableId } from "../../stableId.ts";
import type { Inputs, Made, Place } from "../model.ts";

export function outputs({ urn, inputs }: { urn: string; inputs: Inputs }, { region }: Place): Made {
  return {
    id: inputs.domainName,
    arn: `arn:aws:apigateway:${region}::/domainnames/${inputs.domainName}`,
    domainNameConfiguration: {
      ...inputs.domainNameConfiguration,
      targetDomainName: `d-${stableId(urn, LOWERCASE, 10)}.execute-api.${region}.amazonaws.com`,
      hostedZoneId: "Z0000000000000",
    },
  };
}
