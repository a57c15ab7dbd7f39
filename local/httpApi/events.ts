/**
 * Events that HTTP APIs and REST APIs pass to functions.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HttpApi, HttpStage } from "./definition.ts";
import type { Matched } from "./matching.ts";

export interface HttpRequest {
  request: IncomingMessage;
  body: Buffer;
  /** The path as sent, including the stage. */
  rawPath: string;
  rawQuery: string;
  /** The path without the stage. */
  path: string;
}

export interface HttpPlace {
  api: HttpApi;
  stage: HttpStage;
  accountId: string;
  host: string;
}

/** Information about the requester, in the form of each event version. */
export interface Identity {
  version1: Record<string, unknown>;
  version2: Record<string, unknown>;
  /** ARN of a signed request's principal. */
  userArn?: string;
}

export function eventFor(
  version: "1.0" | "2.0",
  http: HttpRequest,
  matched: Matched,
  place: HttpPlace,
  identity?: Identity,
): Record<string, unknown> {
  return version === "2.0"
    ? eventVersion2(http, matched, place, identity)
    : eventVersion1(http, matched, place, identity);
}

/** Content types passed as text; all others are base64-encoded. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b|application\/[\w.-]+\+(json|xml)\b)/;

function eventVersion2(
  http: HttpRequest,
  { route, pathParameters }: Matched,
  place: HttpPlace,
  identity?: Identity,
): Record<string, unknown> {
  const { request, body, rawPath, rawQuery } = http;
  const { api, stage, accountId, host } = place;
  const routeKey = route.path === "$default" ? "$default" : `${route.method} ${route.path}`;
  const { cookie, ...headers } = lowerCaseHeaders(request);
  const cookies = cookie?.split(/;\s*/);
  const query = new URLSearchParams(rawQuery);
  const now = new Date();
  const isText = body.length === 0 || TEXT.test(headers["content-type"] ?? "text/plain");
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: rawQuery,
    ...(cookies === undefined ? {} : { cookies }),
    headers,
    ...(query.size === 0 ? {} : { queryStringParameters: joined(query) }),
    requestContext: {
      accountId,
      apiId: api.id,
      ...(identity === undefined ? {} : { authorizer: identity.version2 }),
      domainName: host,
      domainPrefix: api.id,
      http: {
        method: request.method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: request.socket.remoteAddress,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey,
      stage: stage.name,
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(pathParameters).length === 0 ? {} : { pathParameters }),
    ...(Object.keys(stage.variables).length === 0 ? {} : { stageVariables: stage.variables }),
    ...(body.length === 0 ? {} : { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: !isText,
  };
}

function eventVersion1(
  http: HttpRequest,
  { route, pathParameters }: Matched,
  place: HttpPlace,
  identity?: Identity,
): Record<string, unknown> {
  const { request, body, rawPath, rawQuery, path } = http;
  const { api, stage, accountId, host } = place;
  const headers = multiValueHeaders(request);
  const query = new URLSearchParams(rawQuery);
  const multiQuery = Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
  const now = new Date();
  const requestId = randomUUID();
  const isBinary = api.binaryMediaTypes.some((type) => mediaMatches(type, request.headers["content-type"] ?? ""));
  return {
    ...(api.kind === "HTTP" ? { version: "1.0" } : {}),
    resource: route.path,
    path: api.kind === "HTTP" ? rawPath : path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: headers,
    queryStringParameters: query.size === 0 ? null : lastOf(multiQuery),
    multiValueQueryStringParameters: query.size === 0 ? null : multiQuery,
    pathParameters: Object.keys(pathParameters).length === 0 ? null : pathParameters,
    stageVariables: Object.keys(stage.variables).length === 0 ? null : stage.variables,
    requestContext: {
      resourcePath: route.path,
      httpMethod: request.method,
      extendedRequestId: requestId,
      requestTime: commonLogTime(now),
      path: rawPath,
      accountId,
      protocol: "HTTP/1.1",
      stage: stage.name,
      domainPrefix: api.id,
      requestTimeEpoch: now.getTime(),
      requestId,
      identity: {
        sourceIp: request.socket.remoteAddress,
        userAgent: request.headers["user-agent"] ?? null,
        accountId: null,
        caller: null,
        user: null,
        userArn: identity?.userArn ?? null,
      },
      ...(identity === undefined ? {} : { authorizer: identity.version1 }),
      domainName: host,
      apiId: api.id,
    },
    body: body.length === 0 ? null : body.toString(isBinary ? "base64" : "utf8"),
    isBase64Encoded: isBinary && body.length > 0,
  };
}

/** Whether a pattern such as `image/*` or `*∕*` matches a content type. */
function mediaMatches(pattern: string, type: string): boolean {
  if (pattern === "*/*") return true;
  const [name = ""] = type.split(";");
  return pattern.endsWith("/*") ? name.startsWith(pattern.slice(0, -1)) : name.trim() === pattern;
}

function multiValueHeaders({ rawHeaders }: IncomingMessage): Record<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[i + 1] as string]);
  }
  return Object.fromEntries([...headers, ["X-Forwarded-Proto", ["https"]], ["X-Forwarded-Port", ["443"]]]);
}

function lowerCaseHeaders({ headersDistinct }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(",")]);
  return Object.fromEntries([...entries, ["x-forwarded-proto", "https"], ["x-forwarded-port", "443"]]);
}

/** The parameters by name, with the values of a repeated name joined by commas. */
function joined(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(",")]));
}

function lastOf(values: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.at(-1) as string]));
}

/** Formats a time such as `25/Nov/2026:04:03:37 +0000`. */
function commonLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
