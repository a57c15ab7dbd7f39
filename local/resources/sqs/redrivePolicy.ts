import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { queueOf } from "./queueOf.ts";
import { redriveOf } from "./redriveOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.queueUrl };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  queueOf(draft, id).settings.redrive = redriveOf(inputs.redrivePolicy);
}
