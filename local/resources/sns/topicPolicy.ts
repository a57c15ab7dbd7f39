import { parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { topicOf } from "./topicOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.arn };
}

export function serve({ id, inputs }: Resource, draft: Draft): void {
  topicOf(draft, id).policies = [parsePolicy(inputs.policy)];
}
