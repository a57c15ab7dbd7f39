import { parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { queueOf } from "./queueOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.queueUrl };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  queueOf(draft, id).settings.policies = [parsePolicy(inputs.policy)];
}
