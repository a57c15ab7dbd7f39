/** Lambda at the AWS endpoint: Invoke. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Access } from "../access.ts";
import type { AsynchronousInvocations } from "../functions/asynchronous.ts";
import { reportFailure } from "../functions/failure.ts";
import type { LambdaFunction } from "../functions/function.ts";
import type { Caller } from "../identity/role.ts";
import { decoded } from "../percentDecoding.ts";
import type { Reporter } from "../report.ts";
import type { Answer } from "./answer.ts";

interface Call {
  method: string;
  /** Path and query of the request. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  caller: Caller;
}

interface Place {
  access: Access;
  report: Reporter;
  /** Functions by name. */
  functions: ReadonlyMap<string, LambdaFunction>;
  asynchronous: AsynchronousInvocations;
  arnOf: (resource: string) => string;
}

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Forms of a function reference: its name, a partial ARN or a full ARN, each with or without a version or alias. */
const FUNCTION_REFERENCE = /^(?:(?:arn:aws:lambda:([a-z0-9-]+):)?(\d{12}):function:)?([\w-]{1,64})(?::([\w$-]+))?$/;

/** Limits by invocation type. */
const MAX_PAYLOAD_BYTES = new Map([
  ["RequestResponse", 6 * 2 ** 20],
  ["Event", 2 ** 20],
  ["DryRun", 6 * 2 ** 20],
]);

export async function answerLambda(call: Call, place: Place): Promise<Answer> {
  const { pathname, searchParams } = new URL(call.url, "http://lambda");
  const path = call.method === "POST" ? INVOKE_PATH.exec(pathname) : null;
  if (path === null) {
    const message = `the local cloud does not support ${call.method} ${pathname} of Lambda's API, only Invoke`;
    return refuse(404, "UnknownOperationException", message);
  }
  const reference = decoded(path[1] as string);
  const named = functionOf(reference, searchParams.get("Qualifier"), place);
  if (named === undefined) {
    return refuse(400, "ValidationException", `"${reference}" is neither the name nor the ARN of a function`);
  }
  const { arn, target } = named;
  const permissions = [...(target?.permissions.values() ?? [])];
  const refusal = place.access.refusal(call.caller, "lambda:InvokeFunction", arn, {}, permissions);
  if (refusal !== undefined) return refuse(403, "AccessDeniedException", refusal);
  const type = String(call.headers["x-amz-invocation-type"] ?? "RequestResponse");
  const limit = MAX_PAYLOAD_BYTES.get(type);
  if (limit === undefined) {
    return refuse(
      400,
      "InvalidParameterValueException",
      `"${type}" is not an invocation type; use RequestResponse, Event or DryRun`,
    );
  }
  if (call.body.length > limit) {
    const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`;
    return refuse(413, "RequestTooLargeException", message);
  }
  if (target === undefined) return refuse(404, "ResourceNotFoundException", `Function not found: ${arn}`);
  // Without a payload the function gets an empty object.
  const payload = call.body.length === 0 ? "{}" : call.body.toString("utf8");
  if (!isJson(payload)) {
    return refuse(400, "InvalidRequestContentException", "Could not parse request body into json");
  }
  if (type === "DryRun") return { status: 204, headers: headersOf(randomUUID()), body: "" };
  if (type === "Event") {
    return { status: 202, headers: headersOf(place.asynchronous.accept(target, payload)), body: "" };
  }
  return invokeAndWait(target, payload, place.report, call.headers["x-amz-log-type"] === "Tail");
}

async function invokeAndWait(
  target: LambdaFunction,
  payload: string,
  report: Reporter,
  wantsLog: boolean,
): Promise<Answer> {
  const requestId = randomUUID();
  const invoked = await target.invoke(payload, requestId);
  const headers = {
    ...headersOf(requestId),
    ...(wantsLog ? { "x-amz-log-result": endOf(invoked.logTail ?? "") } : {}),
  };
  if (!invoked.failed) return { status: 200, headers: { ...headers, ...EXECUTED }, body: invoked.payload };
  const { errorMessage } = reportFailure(report, target.settings.name, invoked);
  const { reason } = JSON.parse(invoked.payload) as Record<string, string>;
  if (invoked.throttled) {
    return {
      status: 429,
      headers: { ...headers, "x-amzn-errortype": "TooManyRequestsException" },
      body: JSON.stringify({ Reason: reason, Type: "User", message: errorMessage }),
    };
  }
  return {
    status: 200,
    headers: { ...headers, ...EXECUTED, "x-amz-function-error": "Unhandled" },
    body: invoked.payload,
  };
}

/**
 * Maximum size of the end of the log that a response contains.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_ResponseSyntax
 */
const MAX_LOG_BYTES = 4 * 1024;

function endOf(log: string): string {
  return Buffer.from(log).subarray(-MAX_LOG_BYTES).toString("base64");
}

const EXECUTED = { "x-amz-executed-version": "$LATEST" };

/** The requested ARN with its qualifier, and the function if it exists; undefined for an invalid reference. */
function functionOf(
  reference: string,
  qualifierParameter: string | null,
  { functions, arnOf }: Place,
): { arn: string; target: LambdaFunction | undefined } | undefined {
  const match = FUNCTION_REFERENCE.exec(reference);
  if (match === null) return undefined;
  const [, region, account, name = "", ownQualifier] = match;
  const [arn, aws, lambda, ourRegion, ourAccount] = arnOf("").split(":");
  const unqualified = [arn, aws, lambda, region ?? ourRegion, account ?? ourAccount, "function", name].join(":");
  const qualifier = ownQualifier ?? qualifierParameter ?? undefined;
  const known = functions.get(name);
  // There are no versions, aliases, other accounts or other Regions here.
  const isOurs = known?.settings.arn === unqualified && (qualifier === undefined || qualifier === "$LATEST");
  return {
    arn: qualifier === undefined ? unqualified : `${unqualified}:${qualifier}`,
    target: isOurs ? known : undefined,
  };
}

function headersOf(requestId: string): Record<string, string> {
  return { "content-type": "application/json", "x-amzn-requestid": requestId };
}

function refuse(status: number, type: string, message: string): Answer {
  return {
    status,
    headers: { ...headersOf(randomUUID()), "x-amzn-errortype": type },
    body: JSON.stringify({ Type: "User", Message: message }),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
