/**
 * Verifies Signature Version 4 as AWS does, so that an invalid signature is refused locally, too.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { posix } from "node:path";
import type { Caller } from "../identity/role.ts";
import type { Sessions } from "../identity/sessions.ts";
import { decoded } from "../percentDecoding.ts";

/** The fields of a request's signature. */
export interface Signed {
  accessKeyId: string;
  /** `YYYYMMDD` */
  day: string;
  region: string;
  /** The service that the request is for, such as `dynamodb`. */
  service: string;
  /** Names of the signed headers, in lower case. */
  headers: string[];
  signature: string;
}

/** The AWS error that refuses a request. */
export interface SignatureRefusal {
  type: string;
  message: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** Parses a request's signature; undefined for an unsigned request or another form of signature. */
export function readSignature(request: IncomingMessage): Signed | undefined {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? "");
  if (match === null) return undefined;
  const [, accessKeyId = "", day = "", region = "", service = "", headers = "", signature = ""] = match;
  return { accessKeyId, day, region, service, headers: headers.split(";"), signature };
}

/**
 * Finds the caller that signed a request, or the reason to refuse it.
 *
 * @param service the service that the signature must be for; any if undefined
 */
export function signerOf(
  request: IncomingMessage,
  body: Buffer,
  sessions: Sessions,
  service?: string,
): Caller | SignatureRefusal {
  const signed = readSignature(request);
  if (signed === undefined) {
    return { type: "MissingAuthenticationTokenException", message: "Missing Authentication Token" };
  }
  const { accessKeyId } = signed;
  if (service !== undefined && signed.service !== service) {
    return invalid(`Credential should be scoped to correct service: '${service}'.`);
  }
  const holder = sessions.holderOf(accessKeyId);
  const session = sessions.check(accessKeyId, String(request.headers["x-amz-security-token"] ?? ""));
  if (holder === undefined || session === "invalid") {
    const message = "The security token included in the request is invalid.";
    return { type: "UnrecognizedClientException", message };
  }
  if (session === "expired") {
    return { type: "ExpiredTokenException", message: "The security token included in the request is expired" };
  }
  const time = String(request.headers["x-amz-date"] ?? "");
  return outOfTime(time, signed) ?? mismatch(request, body, signed, time, holder.secretAccessKey) ?? holder.caller;
}

export function isRefusal(signer: Caller | SignatureRefusal): signer is SignatureRefusal {
  return "type" in signer;
}

const MAX_SKEW_MS = 5 * 60_000;

function outOfTime(time: string, { day }: Signed): SignatureRefusal | undefined {
  const [, year, month, date, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  if (year === undefined || !time.startsWith(day)) {
    return invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP");
  }
  const at = Date.UTC(Number(year), Number(month) - 1, Number(date), Number(hour), Number(minute), Number(second));
  const now = Date.now();
  if (at < now - MAX_SKEW_MS) {
    const bound = `${basicTime(now - MAX_SKEW_MS)} (${basicTime(now)} - 5 min.)`;
    return invalid(`Signature expired: ${time} is now earlier than ${bound}`);
  }
  if (at > now + MAX_SKEW_MS) {
    const bound = `${basicTime(now + MAX_SKEW_MS)} (${basicTime(now)} + 5 min.)`;
    return invalid(`Signature not yet current: ${time} is still later than ${bound}`);
  }
  return undefined;
}

function basicTime(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

/** The refusal of a request that its signature doesn't match; undefined if it matches. */
export function mismatch(
  request: IncomingMessage,
  body: Buffer,
  signed: Signed,
  time: string,
  secretAccessKey: string,
): SignatureRefusal | undefined {
  if (!signed.headers.includes("host")) return invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  const { day, region, service, headers, signature } = signed;
  const values = headers.map((name) => `${name}:${headerOf(request, name)}\n`).join("");
  const [path = "", query = ""] = (request.url ?? "").split("?", 2);
  const canonical = `${request.method}\n${canonicalPath(path, service)}\n${canonicalQuery(query)}\n${values}\n${headers.join(";")}\n${payloadHash(request, body, service)}`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/${service}/aws4_request\n${hash("sha256", canonical)}`;
  const key = signingKey(secretAccessKey, day, region, service);
  const right = createHmac("sha256", key).update(toSign).digest();
  if (timingSafeEqual(right, Buffer.from(signature, "hex"))) return undefined;
  return invalid(
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key " +
      "and signing method. Consult the service documentation for details.",
  );
}

function invalid(message: string): SignatureRefusal {
  return { type: "InvalidSignatureException", message };
}

function headerOf({ headers }: IncomingMessage, name: string): string {
  return String(Object.hasOwn(headers, name) ? headers[name] : "")
    .trim()
    .replaceAll(/ +/g, " ");
}

/** S3 uses the path as sent. */
function canonicalPath(path: string, service: string): string {
  return service === "s3" ? path : posix.normalize(path).split("/").map(encoded).join("/");
}

/** S3 takes the hash from a header, which may also say that the body isn't signed. */
function payloadHash({ headers }: IncomingMessage, body: Buffer, service: string): string {
  const named = headers["x-amz-content-sha256"];
  return service === "s3" && typeof named === "string" ? named : hash("sha256", body);
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  const parameters = query.split("&").map((parameter) => {
    const [name = "", value = ""] = parameter.split("=", 2);
    return `${encoded(decoded(name))}=${encoded(decoded(value))}`;
  });
  return parameters.sort().join("&");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Signing keys by secret access key, day, Region and service; cleared when there are too many. */
const signingKeys = new Map<string, KeyObject>();
const MAX_SIGNING_KEYS = 1_000;

function signingKey(secret: string, day: string, region: string, service: string): KeyObject {
  const of = `${secret} ${day} ${region} ${service}`;
  const known = signingKeys.get(of);
  if (known !== undefined) return known;
  let key = Buffer.from(`AWS4${secret}`);
  for (const part of [day, region, service, "aws4_request"]) key = createHmac("sha256", key).update(part).digest();
  const made = createSecretKey(key);
  if (signingKeys.size >= MAX_SIGNING_KEYS) signingKeys.clear();
  signingKeys.set(of, made);
  return made;
}

/** The whole body of a request. */
export function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
  });
}
