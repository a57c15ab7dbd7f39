/**
 * Conditional headers, such as `If-Match`, and ranges of S3 requests.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
 */
import type { IncomingHttpHeaders } from "node:http";
import type { StoredObject } from "../buckets/bucket.ts";
import { S3Error } from "./s3Error.ts";

/** @throws S3Error if the object doesn't match the conditions; with `statusWhenKnown` if the client already has it */
export function checkRead(headers: IncomingHttpHeaders, object: StoredObject, statusWhenKnown = 304): void {
  const match = headers["if-match"];
  const noneMatch = headers["if-none-match"];
  const modifiedAt = Math.floor(object.modifiedAt / 1000) * 1000;
  const unmodifiedSince = Date.parse(String(headers["if-unmodified-since"]));
  if (match !== undefined ? !names(match, object) : modifiedAt > unmodifiedSince) throw failed();
  const modifiedSince = Date.parse(String(headers["if-modified-since"]));
  const isKnown = noneMatch !== undefined ? names(noneMatch, object) : modifiedAt <= modifiedSince;
  if (isKnown) throw statusWhenKnown === 304 ? new S3Error(304, "NotModified", "Not Modified") : failed();
}

/** @throws S3Error if the stored object isn't the one that the client expects */
export function checkWrite(headers: IncomingHttpHeaders, before: StoredObject | undefined): void {
  const match = headers["if-match"];
  if (headers["if-none-match"] === "*" && before !== undefined) throw failed();
  if (match === undefined) return;
  if (before === undefined) throw new S3Error(404, "NoSuchKey", "The specified key does not exist.");
  if (!names(match, before)) throw failed();
}

function names(tags: string, { eTag }: StoredObject): boolean {
  return tags
    .split(",")
    .some((tag) => tag.trim() === "*" || tag.trim().replaceAll('"', "") === eTag.replaceAll('"', ""));
}

function failed(): S3Error {
  return new S3Error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
}

/**
 * @returns offsets of the first and the last byte to send; undefined to send the whole object: without a range, or with
 * one that S3 doesn't support
 * @throws S3Error InvalidRange
 */
export function rangeOf(range: string | undefined, length: number): { from: number; to: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  const from = first === "" ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === "" || last === "" ? length - 1 : Math.min(Number(last), length - 1);
  if (from > to) throw new S3Error(416, "InvalidRange", "The requested range is not satisfiable");
  return { from, to };
}
