import type { Inputs, Made } from "../model.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: `agmr-${inputs.restApi}-${inputs.resourceId}-${inputs.httpMethod}-${inputs.statusCode}` };
}
