/** Converts a function's result to the client's response. */
import type { HttpApi } from "./definition.ts";

export interface HttpResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/** @returns undefined for an invalid result */
export function responseOf(payload: string, version: "1.0" | "2.0", api: HttpApi): HttpResponse | undefined {
  const result = JSON.parse(payload) as unknown;
  if (version === "2.0" && !hasStatus(result)) {
    // A result without statusCode is the body itself.
    const body = typeof result === "string" ? result : JSON.stringify(result ?? null);
    return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(body) };
  }
  if (!hasStatus(result)) return undefined;
  const { statusCode, headers = {}, multiValueHeaders = {}, cookies = [], body = "", isBase64Encoded } = result;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (version === "1.0" && typeof body !== "string" && body !== null) return undefined;
  const text = body === null ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const decodes = isBase64Encoded === true && (api.kind === "HTTP" || api.binaryMediaTypes.length > 0);
  return {
    status,
    headers: {
      "content-type": version === "2.0" ? "text/plain;charset=UTF-8" : "application/json",
      ...lowerCase(headers),
      ...lowerCase(multiValueHeaders),
      ...(cookies.length === 0 ? {} : { "set-cookie": cookies }),
    },
    body: Buffer.from(text, decodes ? "base64" : "utf8"),
  };
}

export function errorResponse(status: number, message: string | null): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

interface Result {
  statusCode: unknown;
  headers?: Record<string, unknown>;
  multiValueHeaders?: Record<string, unknown[]>;
  cookies?: string[];
  body?: unknown;
  isBase64Encoded?: unknown;
}

function hasStatus(result: unknown): result is Result {
  return typeof result === "object" && result !== null && "statusCode" in result;
}

function lowerCase(headers: Record<string, unknown> | null): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.map(String) : String(value),
    ]),
  );
}
