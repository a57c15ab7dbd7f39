/** The local cloud doesn't use TLS, so a certificate is issued at once. */
import { stableId } from "../../stableId.ts";
import type { Inputs, Made, Place } from "../model.ts";

export function outputs({ urn, inputs }: { urn: string; inputs: Inputs }, place: Place): Made {
  const arn = place.arnOf("acm", `certificate/${stableId(urn, "0123456789abcdef", 32)}`);
  const { domainName } = inputs;
  const option = {
    domainName,
    resourceRecordName: `_proof.${domainName}.`,
    resourceRecordType: "CNAME",
    resourceRecordValue: "_proof.acm-validations.aws.",
  };
  return { id: arn, arn, domainValidationOptions: [option], status: "ISSUED" };
}
