/**
 * S3 at the AWS endpoint: objects, addressed by path and by virtual host.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Bucket } from "../buckets/bucket.ts";
import type { Caller } from "../identity/role.ts";
import type { Answer } from "./answer.ts";
import { isPresigned, presignerOf } from "./presigned.ts";
import { deleteObjects, listBuckets, listObjects } from "./s3Buckets.ts";
import { authorize, type ObjectCall, type S3Call, type S3Place } from "./s3Call.ts";
import { S3Error } from "./s3Error.ts";
import { abortUpload, completeUpload, createUpload, listParts, uploadPart } from "./s3Multipart.ts";
import { copyObject, deleteObject, getObject, putObject } from "./s3Objects.ts";
import { xmlAnswer, xmlFault } from "./s3Xml.ts";
import { isRefusal, type SignatureRefusal } from "./signature.ts";

/** @param signer the caller that signed the request's headers, or the refusal */
export function answerS3(
  request: IncomingMessage,
  body: Buffer,
  signer: Caller | SignatureRefusal,
  place: S3Place,
): Answer {
  const { method = "", headers, url = "" } = request;
  const [path = "", query] = url.split("?", 2);
  const requestId = randomUUID();
  try {
    const { bucketName, key } = addressOf(headers.host ?? "", path);
    const call: S3Call = {
      method,
      headers,
      query: new URLSearchParams(query),
      body,
      caller: callerOf(request, body, signer, place),
      sourceIp: request.socket.remoteAddress ?? "",
      place,
    };
    const answer = route(call, bucketName, key);
    return { ...answer, headers: { "x-amz-request-id": requestId, ...answer.headers } };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    if (error.status === 304) return { status: 304, headers: { "content-type": "" }, body: "" };
    if (error.status === 501) place.report({ event: "warning", message: error.message });
    const { status, code, message } = error;
    return xmlFault(status, { Code: code, Message: message, Resource: path, RequestId: requestId });
  }
}

/** The caller; undefined if the request isn't signed. @throws S3Error if the signature is invalid */
function callerOf(
  request: IncomingMessage,
  body: Buffer,
  signer: Caller | SignatureRefusal,
  { access }: S3Place,
): Caller | undefined {
  const one = isPresigned(request) ? presignerOf(request, body, access.sessions) : signer;
  if (!isRefusal(one)) return one;
  if (one.type === "MissingAuthenticationTokenException" && request.headers.authorization === undefined)
    return undefined;
  const isLate = /^Signature (expired|not yet)/.test(one.message);
  const [status, code] = isLate ? [403, "RequestTimeTooSkewed"] : (FAULTS.get(one.type) ?? [403, "AccessDenied"]);
  throw new S3Error(status as number, code as string, one.message);
}

/** S3's status and error code for each type of refused signature. */
const FAULTS = new Map<string, [status: number, code: string]>([
  ["UnrecognizedClientException", [403, "InvalidAccessKeyId"]],
  ["ExpiredTokenException", [400, "ExpiredToken"]],
  ["InvalidSignatureException", [403, "SignatureDoesNotMatch"]],
]);

const VIRTUAL_HOST = /^(.+)\.(?:s3[.-][\w.-]*amazonaws\.com|localhost)(?::\d+)?$/;

function addressOf(host: string, path: string): { bucketName: string; key: string } {
  const [, bucketOfHost] = VIRTUAL_HOST.exec(host) ?? [];
  if (bucketOfHost !== undefined) return { bucketName: bucketOfHost, key: decoded(path.slice(1)) };
  const [, bucketName = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucketName: decoded(bucketName), key: decoded(key) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, "InvalidURI", "Couldn't parse the specified URI.");
  }
}

function route(call: S3Call, bucketName: string, key: string): Answer {
  const { method, place } = call;
  if (bucketName === "") {
    if (method === "GET") return listBuckets(call);
    throw new S3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
  }
  const bucket = place.buckets.get(bucketName);
  if (bucket === undefined) {
    if (method === "PUT" && key === "") throw notServed(call, "a bucket");
    throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist");
  }
  return key === "" ? routeBucket(call, bucket) : routeObject({ ...call, bucket, key });
}

function routeBucket(call: S3Call, bucket: Bucket): Answer {
  switch (operationOf(call)) {
    case "HEAD":
      authorize(call, "s3:ListBucket", bucket);
      return { status: 200, headers: { "content-length": "0", "x-amz-bucket-region": call.place.region }, body: "" };
    case "GET":
      return listObjects(call, bucket);
    case "GET location":
      authorize(call, "s3:GetBucketLocation", bucket);
      return xmlAnswer("LocationConstraint", call.place.region);
    case "POST delete":
      return deleteObjects(call, bucket);
    default:
      throw notServed(call, "a bucket");
  }
}

function routeObject(call: ObjectCall): Answer {
  switch (operationOf(call)) {
    case "PUT":
      return call.headers["x-amz-copy-source"] === undefined ? putObject(call) : copyObject(call);
    case "GET":
    case "HEAD":
      return getObject(call);
    case "DELETE":
      return deleteObject(call);
    case "POST uploads":
      return createUpload(call);
    case "PUT partNumber uploadId":
      return uploadPart(call);
    case "GET uploadId":
      return listParts(call);
    case "POST uploadId":
      return completeUpload(call);
    case "DELETE uploadId":
      return abortUpload(call);
    default:
      throw notServed(call, "an object");
  }
}

/** Query parameters that change how an operation runs, but don't select the operation. */
const OPTIONS =
  /^(x-id|x-amz-.*|response-.*|list-type|prefix|delimiter|marker|max-keys|max-parts|part-number-marker|start-after|continuation-token|encoding-type|fetch-owner|allow-unordered)$/i;

/** The method with the parameters that select an operation, such as `POST delete`. */
function operationOf({ method, query }: S3Call): string {
  return [method, ...[...query.keys()].filter((name) => !OPTIONS.test(name)).toSorted()].join(" ");
}

function notServed(call: S3Call, what: string): S3Error {
  return new S3Error(501, "NotImplemented", `the local cloud does not support ${operationOf(call)} on ${what} in S3`);
}
