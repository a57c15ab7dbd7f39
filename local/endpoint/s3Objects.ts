/** Operations on single S3 objects. */
import { type Bucket, newObject, type StoredObject } from "../buckets/bucket.ts";
import { notify } from "../buckets/notify.ts";
import type { Answer } from "./answer.ts";
import { CHECKSUM, readBody } from "./s3Body.ts";
import { authorize, type ObjectCall, principalIdOf, readableObject, type S3Call } from "./s3Call.ts";
import { checkRead, checkWrite, rangeOf } from "./s3Conditions.ts";
import { S3Error } from "./s3Error.ts";
import { xmlAnswer } from "./s3Xml.ts";

const MAX_KEY_BYTES = 1024;

/** Headers that are stored with an object. */
const STORED =
  /^(content-(type|disposition|language|encoding)|cache-control|expires|x-amz-meta-.+|x-amz-storage-class|x-amz-website-redirect-location)$/;

export function putObject(call: ObjectCall): Answer {
  const { bucket, key, headers, body } = call;
  authorize(call, "s3:PutObject", bucket, key);
  checkWrite(headers, bucket.objects.get(key));
  const { content, checksums } = readBody(headers, body);
  const object = { ...newObject(content, { ...storedHeaders(call), ...checksums }, Date.now()), ...aclOf(call) };
  store(call, "ObjectCreated:Put", object);
  return emptyAnswer(200, { etag: object.eTag, ...ENCRYPTED, ...checksums });
}

export function getObject(call: ObjectCall): Answer {
  const { bucket, key, headers, query, method } = call;
  const object = readableObject(call, bucket, key);
  checkRead(headers, object);
  const range = rangeOf(headers.range, object.body.length);
  const body = range === undefined ? object.body : object.body.subarray(range.from, range.to + 1);
  const asked = [...query].flatMap(([name, value]) =>
    name.startsWith("response-") ? [[name.slice("response-".length), value]] : [],
  );
  const wantsChecksum = headers["x-amz-checksum-mode"] === "ENABLED" && range === undefined;
  const stored = Object.entries(object.headers).filter(([name]) => wantsChecksum || !CHECKSUM.test(name));
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      "accept-ranges": "bytes",
      ...Object.fromEntries(stored),
      ...Object.fromEntries(asked),
      ...ENCRYPTED,
      "content-length": String(body.length),
      etag: object.eTag,
      "last-modified": new Date(object.modifiedAt).toUTCString(),
      ...(range === undefined ? {} : { "content-range": `bytes ${range.from}-${range.to}/${object.body.length}` }),
    },
    body: method === "HEAD" ? "" : body,
  };
}

export function deleteObject(call: ObjectCall): Answer {
  const { bucket, key } = call;
  authorize(call, "s3:DeleteObject", bucket, key);
  remove(call, bucket, key);
  return emptyAnswer(204);
}

/** Deletes an object. Deleting a missing object also succeeds, but notifies nobody. */
export function remove(call: S3Call, bucket: Bucket, key: string): void {
  if (!bucket.objects.delete(key)) return;
  notify(bucket, { event: "ObjectRemoved:Delete", key, ...doerOf(call) }, call.place);
}

export function copyObject(call: ObjectCall): Answer {
  const { bucket, key, headers, place } = call;
  const [, fromName = "", fromKey = ""] =
    /^\/?([^/]+)\/(.+?)(?:\?versionId=.*)?$/s.exec(decoded(String(headers["x-amz-copy-source"]))) ?? [];
  const from = place.buckets.get(fromName);
  if (from === undefined) throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist");
  const source = readableObject(call, from, fromKey);
  authorize(call, "s3:PutObject", bucket, key);
  checkRead(conditionsOfCopy(headers), source, 412);
  const replaces = headers["x-amz-metadata-directive"] === "REPLACE";
  if (source === bucket.objects.get(key) && !replaces) {
    throw new S3Error(
      400,
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const checksums = Object.fromEntries(Object.entries(source.headers).filter(([name]) => CHECKSUM.test(name)));
  const stored = replaces ? { ...storedHeaders(call), ...checksums } : source.headers;
  const object = { ...newObject(source.body, stored, Date.now()), ...aclOf(call) };
  store(call, "ObjectCreated:Copy", object);
  return xmlAnswer(
    "CopyObjectResult",
    { ETag: object.eTag, LastModified: new Date(object.modifiedAt).toISOString() },
    ENCRYPTED,
  );
}

/** @param event type of the notification, such as `ObjectCreated:Put` */
export function store(call: ObjectCall, event: string, object: StoredObject): void {
  const { bucket, key, place } = call;
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error(400, "KeyTooLongError", "Your key is too long");
  bucket.objects.set(key, object);
  notify(bucket, { event, key, object, ...doerOf(call) }, place);
}

function doerOf(call: S3Call): { principalId: string; sourceIp: string } {
  return { principalId: principalIdOf(call), sourceIp: call.sourceIp };
}

/** Response header that says that the object is encrypted, as every object on AWS is. */
export const ENCRYPTED = { "x-amz-server-side-encryption": "AES256" };

export function emptyAnswer(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...(status === 204 ? {} : { "content-length": "0" }), ...headers }, body: "" };
}

export function storedHeaders({ headers }: S3Call): Record<string, string> {
  const stored = Object.entries(headers).flatMap(([name, value]) => {
    if (!STORED.test(name)) return [];
    // `aws-chunked` describes only the request, not the object.
    const text = String(value).replace(/^aws-chunked(,\s*)?/, "");
    return name === "content-encoding" && text === "" ? [] : [[name, text]];
  });
  return { "content-type": "binary/octet-stream", ...Object.fromEntries(stored) };
}

/** @throws S3Error if the request sets an ACL but ACLs are disabled, as in every new bucket */
export function aclOf({ headers, bucket }: ObjectCall): { acl?: string } {
  const acl = headers["x-amz-acl"];
  if (typeof acl !== "string" || acl === "bucket-owner-full-control") return {};
  if (bucket.objectOwnership !== "BucketOwnerEnforced") return { acl };
  throw new S3Error(400, "AccessControlListNotSupported", "The bucket does not allow ACLs");
}

function conditionsOfCopy(headers: ObjectCall["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith("x-amz-copy-source-if-") ? [[name.slice("x-amz-copy-source-".length), String(value)]] : [],
    ),
  );
}

function decoded(source: string): string {
  try {
    return decodeURIComponent(source);
  } catch {
    throw new S3Error(400, "InvalidArgument", "Invalid copy source encoding.");
  }
}
