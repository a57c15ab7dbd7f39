import type { Inputs, Made } from "../model.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.bucket };
}
