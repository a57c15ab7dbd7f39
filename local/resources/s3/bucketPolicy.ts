import { parsePolicy } from "@serverless-chat/iam";
import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { bucketOf } from "./bucketOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.bucket };
}

export function serve({ inputs }: Resource, draft: Draft): void {
  bucketOf(draft, inputs.bucket).policies = [parsePolicy(inputs.policy)];
}
