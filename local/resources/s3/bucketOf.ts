import type { Bucket } from "../../buckets/bucket.ts";
import type { Draft } from "../../draft.ts";

/** @throws Error with S3's message if there is no such bucket */
export function bucketOf(draft: Draft, name: string): Bucket {
  const bucket = draft.buckets.get(name);
  if (bucket === undefined) throw new Error(`NoSuchBucket: The specified bucket does not exist: ${name}`);
  return bucket;
}
