/** The local cloud doesn't stop recursive invocations, so this changes nothing. */
import type { Inputs, Made } from "../model.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.functionName };
}
