/** Authorizes requests. A route with an unknown authorization type refuses all requests. */
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
  if (route.apiKeyRequired) return forbidden("the local cloud does not support API keys");
  if (route.authorizationType === "NONE") return {};
  const resource = `${api.id}/${stage.name}/${http.request.method}${http.path}`;
  const guarded = { http, matched, place, methodArn: backend.arnOf("execute-api", resource) };
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

function forbidden(why: string): Admission {
  return { refusal: errorResponse(403, "Forbidden"), why };
}
