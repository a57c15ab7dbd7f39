/** One S3 call: its target, its caller, and whether it is allowed. */
import type { IncomingHttpHeaders } from "node:http";
import { evaluate } from "@serverless-chat/iam";
import type { Access } from "../access.ts";
import type { Bucket, StoredObject } from "../buckets/bucket.ts";
import type { NotifyPlace } from "../buckets/notify.ts";
import type { Caller } from "../identity/role.ts";
import { S3Error } from "./s3Error.ts";

export interface S3Place extends NotifyPlace {
  readonly access: Access;
  /** Buckets by name. */
  readonly buckets: ReadonlyMap<string, Bucket>;
}

export interface S3Call {
  method: string;
  headers: IncomingHttpHeaders;
  query: URLSearchParams;
  body: Buffer;
  /** Undefined for an unsigned request. */
  caller: Caller | undefined;
  sourceIp: string;
  place: S3Place;
}

/** A call for one object, which may not exist. */
export interface ObjectCall extends S3Call {
  bucket: Bucket;
  key: string;
}

/** @throws S3Error AccessDenied */
export function authorize(call: S3Call, action: string, bucket: Bucket | undefined, key?: string): void {
  const resource = bucket === undefined ? "*" : key === undefined ? bucket.arn : `${bucket.arn}/${key}`;
  const { caller, place } = call;
  const context = contextOf(call);
  if (caller !== undefined) {
    const refusal = place.access.refusal(caller, action, resource, context, bucket?.policies);
    if (refusal !== undefined) throw new S3Error(403, "AccessDenied", refusal);
    return;
  }
  const isPublic =
    bucket !== undefined &&
    ((!bucket.publicAccessBlock.restrictPublicBuckets &&
      evaluate({ action, resource, principal: {}, context }, { resource: bucket.policies }).allowed) ||
      (action === "s3:GetObject" && isPublicByAcl(bucket, bucket.objects.get(key ?? ""))));
  if (!isPublic) throw new S3Error(403, "AccessDenied", "Access Denied");
}

function isPublicByAcl({ publicAccessBlock, objectOwnership }: Bucket, object: StoredObject | undefined): boolean {
  if (publicAccessBlock.ignorePublicAcls || objectOwnership === "BucketOwnerEnforced") return false;
  return object?.acl === "public-read" || object?.acl === "public-read-write";
}

/**
 * Returns the object if the caller can read it.
 *
 * @throws S3Error; only a caller with `s3:ListBucket` learns from it that the object doesn't exist
 */
export function readableObject(call: S3Call, bucket: Bucket, key: string): StoredObject {
  authorize(call, "s3:GetObject", bucket, key);
  const object = bucket.objects.get(key);
  if (object !== undefined) return object;
  authorize(call, "s3:ListBucket", bucket);
  throw new S3Error(404, "NoSuchKey", "The specified key does not exist.");
}

/** The requester as S3 formats it. */
export function principalIdOf({ caller }: S3Call): string {
  return caller === undefined ? "Anonymous" : `AWS:${caller.role.name}:${caller.session}`;
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys */
function contextOf({ headers, query, sourceIp }: S3Call): Record<string, string> {
  const listing = ["prefix", "delimiter", "max-keys"].flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[`s3:${name}`, value]];
  });
  const ofHeaders = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith("x-amz-") ? [[`s3:${name}`, String(value)]] : [],
  );
  return { "aws:SourceIp": sourceIp, "aws:SecureTransport": "true", ...Object.fromEntries([...listing, ...ofHeaders]) };
}
