import { parsePolicy } from "@serverless-chat/iam";
import { Bucket } from "../../buckets/bucket.ts";
import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, { region }: Place): Made {
  const bucket = inputs.bucket ?? `${inputs.bucketPrefix ?? ""}${name}`.toLowerCase();
  return {
    id: bucket,
    bucket,
    arn: `arn:aws:s3:::${bucket}`,
    bucketDomainName: `${bucket}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
    region,
    ...(inputs.website === undefined
      ? {}
      : {
          websiteDomain: `s3-website.${region}.amazonaws.com`,
          websiteEndpoint: `${bucket}.s3-website.${region}.amazonaws.com`,
        }),
  };
}

/** Inputs that change a bucket's behavior but aren't supported here. */
const NOT_SERVED = ["website", "versioning", "replicationConfiguration", "objectLockConfiguration"];

export function serve({ id, inputs }: Resource, draft: Draft): void {
  const bucket = new Bucket(id);
  if (inputs.policy !== undefined) bucket.policies = [parsePolicy(inputs.policy)];
  for (const property of NOT_SERVED.filter((name) => inputs[name] !== undefined)) {
    draft.warnOnce(`the bucket ${id} has ${property}, which the local cloud does not support`);
  }
  draft.buckets.set(id, bucket);
}
