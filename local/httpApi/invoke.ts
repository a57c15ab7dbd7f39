/** Invokes the function of a request's route and converts its answer. */
import { reportFailure } from "../functions/failure.ts";
import type { LambdaFunction } from "../functions/function.ts";
import { admit } from "./admission.ts";
import type { HttpBackend } from "./backend.ts";
import type { HttpApi, HttpIntegration } from "./definition.ts";
import { eventFor, type HttpPlace, type HttpRequest } from "./events.ts";
import type { Matched } from "./matching.ts";
import { errorResponse, type HttpResponse, responseOf } from "./response.ts";

const APIGATEWAY = "apigateway.amazonaws.com";

export async function answerRoute(
  backend: HttpBackend,
  http: HttpRequest,
  matched: Matched,
  place: HttpPlace,
): Promise<HttpResponse> {
  const { api } = place;
  const { route } = matched;
  const isRest = api.kind === "REST";
  const admission = await admit(backend, http, matched, place);
  if ("refusal" in admission) {
    const { refusal, why } = admission;
    backend.report({ event: "refused", status: refusal.status, why: `${route.method} ${route.path}: ${why}` });
    return refusal;
  }
  const integration = api.integrations.get(route.integrationId ?? "");
  if (integration?.type === "MOCK") return mockResponse(integration);
  const target = backend.functions.get(integration?.functionName ?? "");
  if (integration === undefined || integration.type !== "AWS_PROXY" || target === undefined) {
    const message = `${route.method} ${route.path} of ${api.name ?? api.id} has no function that the local cloud can run`;
    backend.report({ event: "warning", message });
    return internalError(isRest);
  }
  if (!mayInvoke(backend, integration, target, matched, place)) return internalError(isRest);
  const event = JSON.stringify(eventFor(integration.payloadVersion, http, matched, place, admission.identity));
  const invoked = await within(integration.timeoutMs, target.invoke(event));
  if (invoked === undefined) {
    return isRest ? errorResponse(504, "Endpoint request timed out") : errorResponse(503, "Service Unavailable");
  }
  if (invoked.failed) {
    reportFailure(backend.report, target.settings.name, invoked, `${route.method} ${route.path}`);
    return failedResponse(api);
  }
  const response = responseOf(invoked.payload, integration.payloadVersion, api);
  if (response !== undefined) return response;
  const message = `${target.settings.name} returned an invalid answer to ${route.method} ${route.path}: an object with statusCode and a string as its body is expected`;
  backend.report({ event: "warning", message });
  return failedResponse(api);
}

function failedResponse({ kind }: HttpApi): HttpResponse {
  if (kind === "URL") return errorResponse(502, "Internal Server Error");
  return kind === "REST" ? errorResponse(502, "Internal server error") : internalError(false);
}

function internalError(isRest: boolean): HttpResponse {
  return errorResponse(500, isRest ? "Internal server error" : "Internal Server Error");
}

function mayInvoke(
  backend: HttpBackend,
  { credentialsArn }: HttpIntegration,
  { settings: { arn }, permissions }: LambdaFunction,
  { route }: Matched,
  { api, stage }: HttpPlace,
): boolean {
  if (credentialsArn !== undefined) {
    return backend.access.roleRefusal(credentialsArn, APIGATEWAY, "lambda:InvokeFunction", arn) === undefined;
  }
  // A function's URL is part of the function, not a service that needs permission to invoke it.
  if (api.kind === "URL") return true;
  // In a REST API's method ARN, `*` stands for a path parameter.
  const path = api.kind === "REST" ? route.path.replace(/\{[^}]+\}/g, "*") : route.path;
  const method = route.path === "$default" ? "" : route.method === "ANY" ? "*" : route.method;
  const sourceArn = backend.arnOf("execute-api", `${api.id}/${stage.name}/${method}${path}`);
  return backend.access.serviceMayInvoke([...permissions.values()], APIGATEWAY, arn, sourceArn);
}

function mockResponse({ mock }: HttpIntegration): HttpResponse {
  const { status = 200, headers = {}, body = "" } = mock ?? {};
  return { status, headers: { "content-type": "application/json", ...headers }, body: Buffer.from(body) };
}

/** Returns the promise's value, or undefined if the promise takes longer than `ms`. */
function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms).unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
