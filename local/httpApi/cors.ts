/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
import type { Cors } from "./definition.ts";
import type { HttpResponse } from "./response.ts";

/** The answer to a preflight request, which doesn't depend on the routes. */
export function preflight(cors: Cors, origin: string): HttpResponse {
  return {
    status: 204,
    headers: {
      ...corsHeaders(cors, origin),
      "access-control-allow-methods": cors.allowMethods.join(","),
      "access-control-allow-headers": cors.allowHeaders.join(","),
      ...(cors.maxAgeSeconds === undefined ? {} : { "access-control-max-age": String(cors.maxAgeSeconds) }),
    },
    body: Buffer.alloc(0),
  };
}

export function corsHeaders(cors: Cors, origin: string): Record<string, string> {
  const isAllowed = cors.allowOrigins.some((allowed) => allowed === "*" || allowed === origin);
  if (!isAllowed) return {};
  return {
    "access-control-allow-origin": cors.allowOrigins.includes("*") ? "*" : origin,
    ...(cors.allowCredentials ? { "access-control-allow-credentials": "true" } : {}),
    ...(cors.exposeHeaders.length === 0 ? {} : { "access-control-expose-headers": cors.exposeHeaders.join(",") }),
  };
}
