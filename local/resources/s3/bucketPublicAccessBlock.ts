import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Resource } from "../model.ts";
import { bucketOf } from "./bucketOf.ts";

export function outputs({ inputs }: { inputs: Inputs }): Made {
  return { id: inputs.bucket };
}

/** What it doesn't block is let through: it takes the place of what a new bucket blocks. */
export function serve({ inputs }: Resource, draft: Draft): void {
  const { blockPublicPolicy = false, ignorePublicAcls = false, restrictPublicBuckets = false } = inputs;
  bucketOf(draft, inputs.bucket).publicAccessBlock = {
    ignorePublicAcls,
    // On AWS such a bucket takes no public policy in the first place.
    restrictPublicBuckets: restrictPublicBuckets || blockPublicPolicy,
  };
}
