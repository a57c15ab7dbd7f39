import type { Draft } from "../../draft.ts";
import type { Inputs, Made, Place, Resource } from "../model.ts";

export function outputs({ name, inputs }: { name: string; inputs: Inputs }, { region }: Place): Made {
  const bucket = inputs.bucket ?? name;
  return {
    id: bucket,
    bucket,
    arn: `arn:aws:s3:::${bucket}`,
    bucketDomainName: `${bucket}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
    region,
  };
}

export function serve({ id }: Resource, draft: Draft): void {
  draft.warnOnce(`the bucket ${id} is registered and not served: S3 is absent here`);
}
