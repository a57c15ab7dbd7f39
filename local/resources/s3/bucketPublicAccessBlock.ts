import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { bucketOf } from "./bucketOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.bucket };
}

/** Replaces the settings of a new bucket, so everything that this resource doesn't block is allowed. */
export function serve({ inputs }: Resource, draft: Draft): void {
  const { blockPublicPolicy = false, ignorePublicAcls = false, restrictPublicBuckets = false } = inputs;
  bucketOf(draft, inputs.bucket).publicAccessBlock = {
    ignorePublicAcls,
    // On AWS, a bucket with blockPublicPolicy refuses a public policy, so here such a policy must not admit anyone.
    restrictPublicBuckets: restrictPublicBuckets || blockPublicPolicy,
  };
}
