/** There is no DNS here. */
import type { Inputs, Made } from "../model.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  const fqdn = String(inputs.name).replace(/\.$/, "");
  return { id: `${inputs.zoneId}_${fqdn}_${inputs.type}`, fqdn };
}
