import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { setPolicy } from "./restApi.ts";
import { restApiOf } from "./restApiOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.restApiId };
}

export function serve({ inputs }: Resource, draft: Draft): void {
  setPolicy(restApiOf(draft, inputs.restApiId), inputs.policy, draft);
}
