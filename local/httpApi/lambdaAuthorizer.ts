/**
 * Authorizer functions of HTTP APIs and REST APIs.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
import { evaluate, parsePolicy } from "@serverless-chat/iam";
import { reportFailure } from "../functions/failure.ts";
import type { LambdaFunction } from "../functions/function.ts";
import type { HttpBackend } from "./backend.ts";
import type { Decision, LambdaAuthorizer } from "./definition.ts";
import { eventFor, type HttpPlace } from "./events.ts";
import type { Admission, Guarded } from "./guarded.ts";
import { identityOf } from "./identitySource.ts";
import { errorResponse } from "./response.ts";

const APIGATEWAY = "apigateway.amazonaws.com";
const MAX_DECISIONS = 10_000;

export async function admitByFunction(
  backend: HttpBackend,
  authorizer: LambdaAuthorizer,
  guarded: Guarded,
): Promise<Admission> {
  const { http, place } = guarded;
  const { identitySources, tokenPattern, ttlSeconds } = authorizer;
  const values = identitySources.map((source) => identityOf(source, http, place));
  const missing = identitySources.find((_, i) => values[i] === "");
  if (missing !== undefined) return unauthorized(`${missing} is missing`);
  if (tokenPattern !== undefined && !tokenPattern.test(values[0] ?? "")) {
    return unauthorized(`the token isn't of the form ${tokenPattern.source}`);
  }
  const { decisions } = place.api;
  const key = JSON.stringify([authorizer.id, place.stage.name, values]);
  const now = backend.clock.now();
  const known = decisions.get(key);
  if (known !== undefined && known.until > now && values.length > 0) return admission(known, guarded);
  const decided = await decide(backend, authorizer, guarded, values);
  if ("refusal" in decided) return decided;
  const decision = { ...decided, until: now + ttlSeconds * 1_000 };
  if (decisions.size >= MAX_DECISIONS) decisions.clear();
  if (ttlSeconds > 0) decisions.set(key, decision);
  return admission(decision, guarded);
}

async function decide(
  backend: HttpBackend,
  authorizer: LambdaAuthorizer,
  guarded: Guarded,
  values: string[],
): Promise<Omit<Decision, "until"> | Extract<Admission, { refusal: unknown }>> {
  const { place } = guarded;
  const target = backend.functions.get(authorizer.functionName);
  if (target === undefined) return failed(place, "the authorizer's function isn't part of this program");
  if (!mayInvoke(backend, authorizer, target, place))
    return failed(place, "API Gateway isn't allowed to invoke the authorizer");
  const invoked = await target.invoke(JSON.stringify(eventOf(authorizer, guarded, values)));
  if (invoked.failed) {
    // The exact message `Unauthorized` is a refusal; every other error is a failure of the authorizer.
    const { errorMessage } = JSON.parse(invoked.payload) as { errorMessage: string };
    if (errorMessage === "Unauthorized") return unauthorized("the authorizer says Unauthorized");
    reportFailure(backend.report, authorizer.functionName, invoked, "authorizer");
    return failed(place, "the authorizer failed");
  }
  try {
    return decisionOf(JSON.parse(invoked.payload), authorizer);
  } catch (error) {
    return failed(place, `the authorizer's result is malformed: ${(error as Error).message}`);
  }
}

function mayInvoke(
  backend: HttpBackend,
  { id, credentialsArn }: LambdaAuthorizer,
  { settings: { arn }, permissions }: LambdaFunction,
  { api }: HttpPlace,
): boolean {
  if (credentialsArn !== undefined) {
    return backend.access.roleRefusal(credentialsArn, APIGATEWAY, "lambda:InvokeFunction", arn) === undefined;
  }
  const sourceArn = backend.arnOf("execute-api", `${api.id}/authorizers/${id}`);
  return backend.access.serviceMayInvoke([...permissions.values()], APIGATEWAY, arn, sourceArn);
}

function eventOf({ kind, payloadVersion }: LambdaAuthorizer, guarded: Guarded, values: string[]): object {
  const { http, matched, place, methodArn } = guarded;
  if (kind === "TOKEN") return { type: "TOKEN", authorizationToken: values[0], methodArn };
  const { body: _, isBase64Encoded: __, ...event } = eventFor(payloadVersion, http, matched, place);
  if (place.api.kind === "REST") return { type: "REQUEST", methodArn, ...event };
  if (payloadVersion === "2.0") return { ...event, type: "REQUEST", routeArn: methodArn, identitySource: values };
  const joined = values.join(",");
  return { ...event, type: "REQUEST", methodArn, identitySource: joined, authorizationToken: joined };
}

/** @throws Error saying why the result is invalid */
function decisionOf(result: unknown, { simpleResponses }: LambdaAuthorizer): Omit<Decision, "until"> {
  if (typeof result !== "object" || result === null) throw new Error("an object is expected");
  const { isAuthorized, principalId, policyDocument, context = {} } = result as Record<string, unknown>;
  if (typeof context !== "object" || context === null) throw new Error("context is not an object");
  const found = { context: context as Record<string, unknown> };
  if (simpleResponses) {
    if (typeof isAuthorized !== "boolean") throw new Error("isAuthorized is neither true nor false");
    return { ...found, allows: isAuthorized };
  }
  if (typeof principalId !== "string" || principalId === "") throw new Error("principalId is not a string");
  return { ...found, principalId, allows: parsePolicy(policyDocument) };
}

function admission({ principalId, context, allows }: Decision, { place, methodArn }: Guarded): Admission {
  const isRest = place.api.kind === "REST";
  const decision =
    typeof allows === "boolean"
      ? { allowed: allows, reason: "implicitDeny" }
      : evaluate({ action: "execute-api:Invoke", resource: methodArn }, { identity: [allows] });
  if (!decision.allowed) {
    const isExplicit = decision.reason === "explicitDeny";
    const message = `User is not authorized to access this resource${isExplicit ? " with an explicit deny" : ""}`;
    const why = `the authorizer does not allow ${methodArn}`;
    if (!isRest) return { refusal: errorResponse(403, "Forbidden"), why };
    return { refusal: { ...errorResponse(403, null), body: Buffer.from(JSON.stringify({ Message: message })) }, why };
  }
  // A REST API passes only text to the route's function.
  const values = Object.entries(context).map(([name, value]) => [name, isRest ? String(value) : value]);
  const shown = { ...(principalId === undefined ? {} : { principalId }), ...Object.fromEntries(values) };
  return { identity: { version1: shown, version2: { lambda: Object.fromEntries(values) } } };
}

function unauthorized(why: string) {
  return { refusal: errorResponse(401, "Unauthorized"), why };
}

function failed({ api }: HttpPlace, why: string) {
  return { refusal: errorResponse(500, api.kind === "REST" ? null : "Internal Server Error"), why };
}
