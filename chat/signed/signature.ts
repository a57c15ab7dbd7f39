/**
 * Computes Signature Version 4 of an AWS request without a query string.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import { posix } from "node:path";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Present in temporary credentials, such as those of a function. */
  sessionToken?: string;
}

/** The parts of a request that are signed. */
export interface Signable {
  method: string;
  host: string;
  /** The path as sent. The signature covers the path with its segments percent-encoded once more. */
  path: string;
  /** Headers to sign in addition to `host` and those that the signature adds, by name in lower case. */
  headers?: Record<string, string>;
  /** SHA-256 of the body, in hex, see {@link sha256}. */
  bodyHash: string;
}

export interface Scope {
  region: string;
  /** Service name in the signature, such as `execute-api`. */
  service: string;
}

/** @returns the headers to add: `authorization` and the headers that it covers */
export function sign(request: Signable, scope: Scope, credentials: Credentials, at = new Date()): Headers {
  const time = basicTime(at);
  const { sessionToken } = credentials;
  const added = {
    "x-amz-date": time,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
  };
  const signed = Object.entries({ host: request.host, ...request.headers, ...added }).sort(byName);
  const names = signed.map(([name]) => name).join(";");
  const canonical = [
    request.method,
    // The path is signed without dot segments, as for every service but S3.
    encoded(posix.normalize(request.path)).replaceAll("%2F", "/"),
    "",
    ...signed.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}`),
    "",
    names,
    request.bodyHash,
  ].join("\n");
  const day = time.slice(0, 8);
  const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${credentialScope}\n${sha256(canonical)}`;
  const signature = createHmac("sha256", signingKey(credentials.secretAccessKey, day, scope))
    .update(toSign)
    .digest("hex");
  const credential = `${credentials.accessKeyId}/${credentialScope}`;
  return {
    ...added,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

type Headers = Record<string, string>;

/** The last second and its text, cached because many requests are signed within a second. */
let lastTime: { second: number; text: string } | undefined;

/** A time such as `20261129T023000Z`. */
function basicTime(at: Date): string {
  const second = Math.floor(at.getTime() / 1_000);
  if (lastTime?.second !== second) lastTime = { second, text: at.toISOString().replace(/-|:|\.\d+/g, "") };
  return lastTime.text;
}

/** Returns the SHA-256 in hex. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data);
}

/**
 * The last key, cached because a function signs with the same key all day. Signing with a `KeyObject` takes a sixth of
 * the time that it takes with bytes.
 */
let lastKey: { of: string; key: KeyObject } | undefined;

function signingKey(secretAccessKey: string, day: string, { region, service }: Scope): KeyObject {
  const of = [secretAccessKey, day, region, service].join("\n");
  if (lastKey?.of === of) return lastKey.key;
  const derived = [day, region, service, "aws4_request"].reduce<Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  const key = createSecretKey(derived);
  lastKey = { of, key };
  return key;
}

/** Sorts headers by name, in code unit order, whatever the locale. */
function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : Number(a > b);
}

/** RFC 3986: encodes everything but letters, digits and `-._~`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
