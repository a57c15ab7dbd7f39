/** The local cloud has no DNS, so a record has no effect. */
import type { Inputs, Made } from "../model.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  const fqdn = String(inputs.name).replace(/\.$/, "");
  return { id: `${inputs.zoneId}_${fqdn}_${inputs.type}`, fqdn };
}
