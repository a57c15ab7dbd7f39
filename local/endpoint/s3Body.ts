/**
 * The body of a request to S3: decoded from its chunks, and compared with the client's checksums.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { S3Error } from "./s3Error.ts";

export interface S3Body {
  content: Buffer;
  /** The request's `x-amz-checksum-…` headers and trailers. */
  checksums: Record<string, string>;
}

/** @throws S3Error if the content is incomplete or doesn't match a checksum */
export function readBody(headers: IncomingHttpHeaders, body: Buffer): S3Body {
  const signed = String(headers["x-amz-content-sha256"] ?? "");
  const isChunked = signed.startsWith("STREAMING-");
  if (/^[\da-f]{64}$/.test(signed) && hash("sha256", body) !== signed) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw new S3Error(400, "XAmzContentSHA256Mismatch", message);
  }
  const { content, trailers } = isChunked ? withoutChunks(body) : { content: body, trailers: {} };
  const length = headers["x-amz-decoded-content-length"];
  if (isChunked && length !== undefined && Number(length) !== content.length) {
    throw new S3Error(400, "IncompleteBody", "The request body terminated unexpectedly");
  }
  const md5 = headers["content-md5"];
  if (md5 !== undefined && hash("md5", content, "base64") !== md5) {
    throw new S3Error(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  const checksums = Object.fromEntries(
    Object.entries({ ...headers, ...trailers })
      .filter(([name]) => CHECKSUM.test(name))
      .map(([name, value]) => [name, String(value)]),
  );
  for (const [name, value] of Object.entries(checksums)) {
    const algorithm = name.slice("x-amz-checksum-".length);
    const computed = COMPUTED[algorithm]?.(content);
    if (computed === undefined || computed === value) continue;
    const message = `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`;
    throw new S3Error(400, "BadDigest", message);
  }
  return { content, checksums };
}

/** Header that carries the checksum of an object. */
export const CHECKSUM = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

/** Functions that compute a checksum, by algorithm. Other checksums are stored without verification. */
const COMPUTED: Record<string, (content: Buffer) => string> = {
  crc32(content) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(content));
    return bytes.toString("base64");
  },
  sha1: (content) => hash("sha1", content, "base64"),
  sha256: (content) => hash("sha256", content, "base64"),
};

/** Decodes `aws-chunked`. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
function withoutChunks(body: Buffer): { content: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf("\r\n", at);
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(body.toString("latin1", at, lineEnd), 16);
    if (Number.isNaN(size) || lineEnd + 2 + size > body.length) {
      throw new S3Error(400, "IncompleteBody", "The request body terminated unexpectedly");
    }
    at = lineEnd + 2;
    if (size === 0) break;
    chunks.push(body.subarray(at, at + size));
    at += size + 2;
  }
  const lines = body.toString("latin1", at).split(/\r?\n/);
  const trailers = lines.flatMap((line) => {
    const [name, ...value] = line.split(":");
    return value.length === 0 ? [] : [[name?.trim().toLowerCase(), value.join(":").trim()]];
  });
  return { content: Buffer.concat(chunks), trailers: Object.fromEntries(trailers) };
}
