/**
 * Presigned URLs, whose query contains what signed requests have in their headers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import type { IncomingMessage } from "node:http";
import type { Caller } from "../identity/role.ts";
import type { Sessions } from "../identity/sessions.ts";
import { mismatch, readSignature, type SignatureRefusal } from "./signature.ts";

export function isPresigned({ url = "" }: IncomingMessage): boolean {
  return url.includes("X-Amz-Algorithm=");
}

/** Finds the caller that signed a URL, or the reason for refusing it. */
export function presignerOf(request: IncomingMessage, body: Buffer, sessions: Sessions): Caller | SignatureRefusal {
  const [path = "", query = ""] = (request.url ?? "").split("?", 2);
  const parameters = new URLSearchParams(query);
  const said = (name: string) => parameters.get(`X-Amz-${name}`) ?? "";
  const authorization = `${said("Algorithm")} Credential=${said("Credential")}, SignedHeaders=${said("SignedHeaders")}, Signature=${said("Signature")}`;
  const unsigned = query.split("&").filter((parameter) => !parameter.startsWith("X-Amz-Signature="));
  const headers = {
    ...request.headers,
    authorization,
    "x-amz-content-sha256": said("Content-Sha256") || "UNSIGNED-PAYLOAD",
  };
  const signedRequest = {
    method: request.method,
    url: `${path}?${unsigned.join("&")}`,
    headers,
  } as unknown as IncomingMessage;
  const signed = readSignature(signedRequest);
  const holder = sessions.holderOf(signed?.accessKeyId ?? "");
  if (signed === undefined || signed.service !== "s3") {
    return { type: "InvalidSignatureException", message: "Query-string authentication version 4 is malformed" };
  }
  const session = sessions.check(signed.accessKeyId, said("Security-Token"));
  if (holder === undefined || session === "invalid") {
    const message = "The AWS Access Key Id you provided does not exist in our records.";
    return { type: "UnrecognizedClientException", message };
  }
  if (session === "expired") return { type: "ExpiredTokenException", message: "The provided token has expired." };
  const at = said("Date");
  if (!isCurrent(at, Number(said("Expires")))) return { type: "AccessDenied", message: "Request has expired" };
  return mismatch(signedRequest, body, signed, at, holder.secretAccessKey) ?? holder.caller;
}

/** Maximum validity of a presigned URL: seven days. */
const MAX_EXPIRES_SECONDS = 604_800;

/** @param at time of the signature, such as `20260101T120000Z` */
function isCurrent(at: string, expiresSeconds: number): boolean {
  const from = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!(expiresSeconds >= 1 && expiresSeconds <= MAX_EXPIRES_SECONDS)) return false;
  return Date.now() < from + expiresSeconds * 1000;
}
