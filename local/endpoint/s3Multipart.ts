/** Multipart uploads. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
import { hash, randomBytes } from "node:crypto";
import { newObject, type Upload } from "../buckets/bucket.ts";
import type { Answer } from "./answer.ts";
import { readBody } from "./s3Body.ts";
import { authorize, type ObjectCall } from "./s3Call.ts";
import { checkWrite } from "./s3Conditions.ts";
import { S3Error } from "./s3Error.ts";
import { aclOf, ENCRYPTED, emptyAnswer, store, storedHeaders } from "./s3Objects.ts";
import { elementsOf, unescaped, xmlAnswer } from "./s3Xml.ts";

const MAX_PARTS = 10_000;
/** Minimum size of every part except the last. */
const MIN_PART_BYTES = 5 * 2 ** 20;

export function createUpload(call: ObjectCall): Answer {
  const { bucket, key } = call;
  authorize(call, "s3:PutObject", bucket, key);
  const UploadId = randomBytes(32).toString("base64url");
  bucket.uploads.set(UploadId, { key, headers: storedHeaders(call), ...aclOf(call), parts: new Map() });
  return xmlAnswer("InitiateMultipartUploadResult", { Bucket: bucket.name, Key: key, UploadId });
}

export function uploadPart(call: ObjectCall): Answer {
  const { bucket, key, query, headers, body } = call;
  authorize(call, "s3:PutObject", bucket, key);
  if (headers["x-amz-copy-source"] !== undefined) {
    throw new S3Error(501, "NotImplemented", "the local cloud does not support the S3 operation UploadPartCopy");
  }
  const { parts } = uploadOf(call);
  const number = Number(query.get("partNumber"));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw new S3Error(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
  }
  const { content, checksums } = readBody(headers, body);
  const part = newObject(content, {}, Date.now());
  parts.set(number, part);
  return emptyAnswer(200, { etag: part.eTag, ...ENCRYPTED, ...checksums });
}

export function listParts(call: ObjectCall): Answer {
  const { bucket, key, query } = call;
  authorize(call, "s3:ListMultipartUploadParts", bucket, key);
  const parts = [...uploadOf(call).parts].toSorted(([one], [other]) => one - other);
  return xmlAnswer("ListPartsResult", {
    Bucket: bucket.name,
    Key: key,
    UploadId: query.get("uploadId") ?? "",
    IsTruncated: false,
    Part: parts.map(([PartNumber, { body, eTag, modifiedAt }]) => ({
      PartNumber,
      LastModified: new Date(modifiedAt).toISOString(),
      ETag: eTag,
      Size: body.length,
    })),
  });
}

export function completeUpload(call: ObjectCall): Answer {
  const { bucket, key, query, headers, body } = call;
  authorize(call, "s3:PutObject", bucket, key);
  const upload = uploadOf(call);
  checkWrite(headers, bucket.objects.get(key));
  const parts = partsIn(body.toString("utf8")).map(({ number, eTag }) => {
    const part = upload.parts.get(number);
    if (part !== undefined && part.eTag.replaceAll('"', "") === eTag.replaceAll('"', "")) return { number, ...part };
    const message =
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    throw new S3Error(400, "InvalidPart", message);
  });
  if (parts.some(({ number }, i) => i > 0 && number <= (parts[i - 1]?.number ?? 0))) {
    throw new S3Error(400, "InvalidPartOrder", "The list of parts was not in ascending order.");
  }
  if (parts.slice(0, -1).some((part) => part.body.length < MIN_PART_BYTES)) {
    throw new S3Error(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  }
  const sums = Buffer.concat(parts.map((part) => Buffer.from(hash("md5", part.body), "hex")));
  const object = {
    ...newObject(Buffer.concat(parts.map((part) => part.body)), upload.headers, Date.now()),
    eTag: `"${hash("md5", sums)}-${parts.length}"`,
    ...(upload.acl === undefined ? {} : { acl: upload.acl }),
  };
  bucket.uploads.delete(query.get("uploadId") ?? "");
  store(call, "ObjectCreated:CompleteMultipartUpload", object);
  return xmlAnswer("CompleteMultipartUploadResult", { Bucket: bucket.name, Key: key, ETag: object.eTag }, ENCRYPTED);
}

export function abortUpload(call: ObjectCall): Answer {
  const { bucket, key, query } = call;
  authorize(call, "s3:AbortMultipartUpload", bucket, key);
  uploadOf(call);
  bucket.uploads.delete(query.get("uploadId") ?? "");
  return emptyAnswer(204);
}

function uploadOf({ bucket, key, query }: ObjectCall): Upload {
  const upload = bucket.uploads.get(query.get("uploadId") ?? "");
  if (upload !== undefined && upload.key === key) return upload;
  const message =
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
  throw new S3Error(404, "NoSuchUpload", message);
}

function partsIn(xml: string): { number: number; eTag: string }[] {
  const parts = elementsOf(xml, "Part").map((part) => ({
    number: Number(elementsOf(part, "PartNumber")[0]),
    eTag: unescaped(elementsOf(part, "ETag")[0] ?? ""),
  }));
  if (parts.length > 0) return parts;
  throw new S3Error(400, "MalformedXML", "The XML you provided was not well-formed");
}
