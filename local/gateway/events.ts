/** Events that a WebSocket API passes to its functions. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { newId } from "./ids.ts";

/** Properties that stay the same for the lifetime of a connection. */
export interface ConnectionFacts {
  connectionId: string;
  /** Milliseconds since 1970. */
  connectedAt: number;
  apiId: string;
  stage: string;
  stageVariables: Record<string, string>;
  domainName: string;
  sourceIp: string;
  userAgent: string | undefined;
  /** The authorizer's context, with its values as strings. */
  authorizer: Record<string, string> | undefined;
}

export interface RequestContext extends Record<string, unknown> {
  routeKey: string;
  requestId: string;
  connectionId: string;
  eventType: "CONNECT" | "MESSAGE" | "DISCONNECT";
  /** The authorizer's context, which always has a principal; missing without an authorizer. */
  authorizer?: Record<string, string>;
}

export interface GatewayEvent extends Record<string, unknown> {
  requestContext: RequestContext;
}

export function connectEvent(facts: ConnectionFacts, request: IncomingMessage, query: URLSearchParams): GatewayEvent {
  const { rawHeaders } = request;
  const sent: [name: string, value: string][] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    // These headers apply to one hop, which ends at the gateway.
    if (!/^(connection|upgrade)$/i.test(name)) sent.push([name, rawHeaders[i + 1] as string]);
  }
  const headers = {
    ...valuesByName(sent),
    "X-Amzn-Trace-Id": [`Root=${traceId()}`],
    "X-Forwarded-For": [facts.sourceIp],
    "X-Forwarded-Port": ["443"],
    "X-Forwarded-Proto": ["https"],
  };
  return {
    headers: lastOf(headers),
    multiValueHeaders: headers,
    ...queryOf(query),
    requestContext: contextOf(facts, "$connect", "CONNECT"),
    ...variablesOf(facts),
    isBase64Encoded: false,
  };
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-traceheader */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `1-${seconds}-${randomBytes(12).toString("hex")}`;
}

/** Collects all values of each name. A client may choose any name, including `constructor`. */
function valuesByName(pairs: [name: string, value: string][]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

/** Fields of a CONNECT event that contain the query's parameters; none if there are no parameters. */
function queryOf(query: URLSearchParams): Record<string, unknown> {
  if (query.size === 0) return {};
  const values = valuesByName([...query]);
  return { queryStringParameters: lastOf(values), multiValueQueryStringParameters: values };
}

export function messageEvent(facts: ConnectionFacts, routeKey: string, body: string): GatewayEvent {
  return {
    requestContext: { ...contextOf(facts, routeKey, "MESSAGE"), messageId: newId() } as RequestContext,
    ...variablesOf(facts),
    body,
    isBase64Encoded: false,
  };
}

export function disconnectEvent(facts: ConnectionFacts, code: number, reason: string): GatewayEvent {
  const headers = { Host: facts.domainName, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" };
  return {
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    requestContext: {
      ...contextOf(facts, "$disconnect", "DISCONNECT"),
      disconnectStatusCode: code,
      disconnectReason: reason,
    } as RequestContext,
    ...variablesOf(facts),
    isBase64Encoded: false,
  };
}

function contextOf(facts: ConnectionFacts, routeKey: string, eventType: RequestContext["eventType"]): RequestContext {
  const requestId = newId();
  const now = new Date();
  return {
    routeKey,
    ...(facts.authorizer === undefined ? {} : { authorizer: facts.authorizer }),
    eventType,
    extendedRequestId: requestId,
    requestTime: clf(now),
    messageDirection: "IN",
    stage: facts.stage,
    connectedAt: facts.connectedAt,
    requestTimeEpoch: now.getTime(),
    identity: {
      sourceIp: facts.sourceIp,
      ...(facts.userAgent === undefined ? {} : { userAgent: facts.userAgent }),
    },
    requestId,
    domainName: facts.domainName,
    connectionId: facts.connectionId,
    apiId: facts.apiId,
  };
}

function variablesOf({ stageVariables }: ConnectionFacts): Record<string, unknown> {
  return Object.keys(stageVariables).length === 0 ? {} : { stageVariables };
}

function lastOf(values: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.at(-1) as string]));
}

/** Common Log Format: `25/Nov/2026:04:03:37 +0000`. */
function clf(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
