/** Authorizes requests. A route with an unknown authorization type refuses all requests. */
import { evaluate, type PolicyDocument } from "@serverless-chat/iam";
import type { HttpBackend } from "./backend.ts";
import type { HttpAuthorizer } from "./definition.ts";
import type { HttpPlace, HttpRequest } from "./events.ts";
import type { Admission } from "./guarded.ts";
import type { Matched } from "./matching.ts";
import { errorResponse } from "./response.ts";

export async function admit(
  backend: HttpBackend,
  http: HttpRequest,
  matched: Matched,
  place: HttpPlace,
): Promise<Admission> {
  const { route } = matched;
  const { api, stage } = place;
  if (api.closed !== undefined) {
    return api.kind === "REST" ? forbidden(api.closed) : { refusal: errorResponse(404, "Not Found"), why: api.closed };
  }
  if (route.apiKeyRequired) return forbidden("the local cloud does not support API keys");
  const resource = `${api.id}/${stage.name}/${http.request.method}${http.path}`;
  const methodArn = backend.arnOf("execute-api", resource);
  const guarded = { http, matched, place, methodArn };
  const sourceIp = `${http.request.socket.remoteAddress}`;
  // With AWS_IAM, `admitSigner` evaluates the API's policy, because the signer's policies may also allow the request.
  if (api.policy !== undefined && route.authorizationType !== "AWS_IAM") {
    const refused = anonymousRefusal(api.policy, methodArn, sourceIp);
    if (refused !== undefined) return refused;
  }
  if (route.authorizationType === "NONE") return {};
  if (route.authorizationType === "AWS_IAM") {
    const { admitSigner } = await import("./iamAuthorizer.ts");
    return admitSigner(backend, guarded);
  }
  const authorizer = api.authorizers.get(route.authorizerId ?? "");
  if (authorizer === undefined || kindOf(authorizer) !== route.authorizationType) {
    return forbidden(`the route requires ${route.authorizationType} but has no authorizer of that type`);
  }
  if ("functionName" in authorizer) {
    const { admitByFunction } = await import("./lambdaAuthorizer.ts");
    return admitByFunction(backend, authorizer, guarded);
  }
  const { admitToken } = await import("./jwtAuthorizer.ts");
  return admitToken(backend, authorizer, guarded);
}

/** The authorization type of routes that use this authorizer. */
function kindOf(authorizer: HttpAuthorizer): string {
  return "functionName" in authorizer ? "CUSTOM" : authorizer.kind;
}

/** The refusal of an unsigned request by the API's policy; undefined if the policy allows the request. */
function anonymousRefusal(policy: PolicyDocument, methodArn: string, sourceIp: string): Admission | undefined {
  const request = {
    action: "execute-api:Invoke",
    resource: methodArn,
    principal: {},
    context: { "aws:SourceIp": sourceIp },
  };
  const { allowed, reason } = evaluate(request, { resource: [policy] });
  if (allowed) return undefined;
  const explicitly = reason === "explicitDeny" ? " with an explicit deny" : "";
  const message = `User: anonymous is not authorized to perform: execute-api:Invoke on resource: ${methodArn}${explicitly}`;
  return { refusal: errorResponse(403, message), why: "the API's policy does not allow it" };
}

function forbidden(why: string): Admission {
  return { refusal: errorResponse(403, "Forbidden"), why };
}
