/** Sends signed requests, using an eighth of the CPU time that the AWS SDK's client needs (`npm run bench:fanout`). */
import { exchange } from "../http/exchange";
import { SocketClosed } from "../http/keptSocket";
import { portOf, type Server } from "../http/sockets";
import { credentials } from "./credentials";
import { sha256, sign } from "./signature";

/** A request body with its hash, which is computed only once although the body goes to many receivers. */
export interface Body {
  /** One character per byte, which lets Node write it together with the head. */
  latin1: string;
  hash: string;
}

export function bodyOf(bytes: Uint8Array): Body {
  return { latin1: Buffer.from(bytes).toString("latin1"), hash: sha256(bytes) };
}

const NO_BODY = bodyOf(new Uint8Array());

export interface SignedRequest {
  /** Service name in the signature, such as `execute-api`. */
  service: string;
  /** A URL without a trailing slash. */
  endpoint: string;
  method: string;
  /** Path below the endpoint, percent-encoded. */
  path: string;
  /** Additional headers, by name in lower case; they are signed, too. */
  headers?: Record<string, string>;
  body?: Body;
  /** Deadline in milliseconds. */
  deadlineMs: number;
}

/**
 * Sends a request to a service, signed with the function's credentials. If the service has closed a kept-alive socket,
 * the request is repeated once.
 *
 * @returns the answer's status, whatever it is
 * @throws TimedOut; SocketClosed; MalformedResponse; the socket's error, such as ECONNREFUSED
 */
export async function sendSigned(request: SignedRequest): Promise<number> {
  const until = Date.now() + request.deadlineMs;
  try {
    return await attempt(request, request.deadlineMs);
  } catch (error) {
    if (!(error instanceof SocketClosed && error.wasKept)) throw error;
    return await attempt(request, until - Date.now());
  }
}

async function attempt(
  { service, endpoint, method, path: below, headers, body = NO_BODY }: SignedRequest,
  deadlineMs: number,
): Promise<number> {
  const server = serverAt(endpoint);
  const { host } = server;
  const path = `${server.path}${below}`;
  const signature = sign(
    { method, host, path, ...(headers && { headers }), bodyHash: body.hash },
    { region: process.env.AWS_REGION ?? "", service },
    credentials(),
  );
  const sent = { host, ...headers, ...signature };
  const { status } = await exchange({ ...server, method, path, headers: sent, latin1: body.latin1 }, deadlineMs);
  return status;
}

interface Endpoint extends Server {
  host: string;
  /** Without a trailing slash. */
  path: string;
}

const endpoints = new Map<string, Endpoint>();

function serverAt(endpoint: string): Endpoint {
  const known = endpoints.get(endpoint) ?? parsed(new URL(endpoint));
  endpoints.set(endpoint, known);
  return known;
}

function parsed({ protocol, host, hostname, port, pathname }: URL): Endpoint {
  return { protocol, host, hostname, port: portOf(protocol, port), path: pathname.replace(/\/$/, "") };
}
