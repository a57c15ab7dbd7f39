import type { HttpPlace, HttpRequest } from "./events.ts";

/**
 * The value of an identity source: `$request.header.X`, `method.request.querystring.X`, `$stageVariables.X`,
 * `context.X`.
 *
 * @returns "" for a missing value or an unknown kind
 */
export function identityOf(
  source: string,
  { request, rawQuery, path }: HttpRequest,
  { api, stage }: HttpPlace,
): string {
  const [, kind, name = ""] =
    /^\$?(?:(?:method\.)?request\.)?(header|querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  switch (kind) {
    case "header":
      return ownOf(request.headers, name.toLowerCase());
    case "querystring":
      return new URLSearchParams(rawQuery).get(name) ?? "";
    case "stageVariables":
      return ownOf(stage.variables, name);
    case "context":
      return contextOf(name, request, { apiId: api.id, stage: stage.name, path });
    default:
      return "";
  }
}

function contextOf(name: string, request: HttpRequest["request"], known: Record<string, string>): string {
  switch (name) {
    case "httpMethod":
    case "http.method":
      return request.method ?? "";
    case "identity.sourceIp":
    case "http.sourceIp":
      return request.socket.remoteAddress ?? "";
    case "identity.userAgent":
    case "http.userAgent":
      return request.headers["user-agent"] ?? "";
    default:
      return ownOf(known, name);
  }
}

function ownOf(values: Readonly<Record<string, string | string[] | undefined>>, name: string): string {
  return Object.hasOwn(values, name) ? String(values[name] ?? "") : "";
}
