/** Operations on a bucket's contents: listing objects, and deleting several at once. */
import type { Bucket } from "../buckets/bucket.ts";
import type { Answer } from "./answer.ts";
import { readBody } from "./s3Body.ts";
import { authorize, type S3Call } from "./s3Call.ts";
import { S3Error } from "./s3Error.ts";
import { remove } from "./s3Objects.ts";
import { elementsOf, unescaped, xmlAnswer } from "./s3Xml.ts";

const MAX_KEYS = 1000;

export function listBuckets(call: S3Call): Answer {
  authorize(call, "s3:ListAllMyBuckets", undefined);
  const names = [...call.place.buckets.keys()].toSorted();
  const owner = { ID: call.place.accountId };
  const list = names.map((Name) => ({ Name, CreationDate: new Date(0).toISOString() }));
  return xmlAnswer("ListAllMyBucketsResult", { Owner: owner, Buckets: { Bucket: list } });
}

/** ListObjectsV2, or ListObjects for a call without `list-type=2`. */
export function listObjects(call: S3Call, bucket: Bucket): Answer {
  authorize(call, "s3:ListBucket", bucket);
  const { query } = call;
  const isV2 = query.get("list-type") === "2";
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const maxKeys = maxKeysOf(query);
  const token = query.get("continuation-token");
  const startAfter = query.get(isV2 ? "start-after" : "marker") ?? "";
  const { entries, more } = page(bucket, {
    prefix,
    delimiter,
    maxKeys,
    after: token === null ? startAfter : keyOf(token),
  });
  const shown = query.get("encoding-type") === "url" ? encoded : (text: string) => text;
  const last = entries.at(-1);
  const next = more && last !== undefined ? (last.commonPrefix ?? last.key) : undefined;
  const optional = (text: string) => (text === "" ? undefined : shown(text));
  return xmlAnswer("ListBucketResult", {
    Name: bucket.name,
    Prefix: shown(prefix),
    Delimiter: optional(delimiter),
    MaxKeys: maxKeys,
    EncodingType: query.get("encoding-type") ?? undefined,
    ...(isV2
      ? {
          KeyCount: entries.length,
          StartAfter: optional(startAfter),
          ContinuationToken: token ?? undefined,
          NextContinuationToken: next === undefined ? undefined : tokenOf(next),
        }
      : {
          Marker: shown(startAfter),
          NextMarker: next === undefined || delimiter === "" ? undefined : shown(next),
        }),
    IsTruncated: more,
    Contents: entries.flatMap(({ key, commonPrefix }) => {
      const object = bucket.objects.get(key);
      if (commonPrefix !== undefined || object === undefined) return [];
      return {
        Key: shown(key),
        LastModified: new Date(object.modifiedAt).toISOString(),
        ETag: object.eTag,
        Size: object.body.length,
        StorageClass: object.headers["x-amz-storage-class"] ?? "STANDARD",
      };
    }),
    CommonPrefixes: entries.flatMap(({ commonPrefix }) =>
      commonPrefix === undefined ? [] : { Prefix: shown(commonPrefix) },
    ),
  });
}

interface Entry {
  key: string;
  /** A common prefix, which stands for all keys that begin with it. */
  commonPrefix?: string;
}

function page(
  bucket: Bucket,
  { prefix, delimiter, maxKeys, after }: { prefix: string; delimiter: string; maxKeys: number; after: string },
): { entries: Entry[]; more: boolean } {
  const entries: Entry[] = [];
  for (const key of [...bucket.objects.keys()].sort(byBytes)) {
    if (!key.startsWith(prefix) || byBytes(key, after) <= 0) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const commonPrefix = end < 0 ? undefined : key.slice(0, end + delimiter.length);
    if (commonPrefix !== undefined && (commonPrefix === entries.at(-1)?.commonPrefix || commonPrefix === after))
      continue;
    if (entries.length === maxKeys) return { entries, more: maxKeys > 0 };
    entries.push({ key, ...(commonPrefix === undefined ? {} : { commonPrefix }) });
  }
  return { entries, more: false };
}

/** S3 sorts keys by their UTF-8 bytes. */
function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function maxKeysOf(query: URLSearchParams): number {
  const asked = query.get("max-keys");
  if (asked === null) return MAX_KEYS;
  if (/^\d+$/.test(asked)) return Math.min(Number(asked), MAX_KEYS);
  throw new S3Error(400, "InvalidArgument", "Provided max-keys not an integer or within integer range");
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString("base64url");
}

function keyOf(token: string): string {
  const key = Buffer.from(token, "base64url").toString();
  if (key !== "" && tokenOf(key) === token) return key;
  throw new S3Error(400, "InvalidArgument", "The continuation token provided is incorrect");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%20", "+");
}

/** Each object is authorized and deleted separately. */
export function deleteObjects(call: S3Call, bucket: Bucket): Answer {
  const xml = readBody(call.headers, call.body).content.toString("utf8");
  const keys = elementsOf(xml, "Object").flatMap((object) => elementsOf(object, "Key").map(unescaped));
  if (keys.length === 0 || keys.length > MAX_KEYS) {
    const message = "The XML you provided was not well-formed or did not validate against our published schema";
    throw new S3Error(400, "MalformedXML", message);
  }
  const isQuiet = elementsOf(xml, "Quiet")[0]?.trim() === "true";
  const results = keys.map((key) => {
    try {
      authorize(call, "s3:DeleteObject", bucket, key);
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      return { Error: { Key: key, Code: error.code, Message: error.message } };
    }
    remove(call, bucket, key);
    return { Deleted: isQuiet ? undefined : { Key: key } };
  });
  return xmlAnswer("DeleteResult", {
    Deleted: results.flatMap(({ Deleted }) => Deleted ?? []),
    Error: results.flatMap(({ Error: failed }) => failed ?? []),
  });
}
