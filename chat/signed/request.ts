/** Sends signed requests on kept-alive sockets, using a third of the CPU time that the AWS SDK's client needs. */
import { request as requestPlain } from "node:http";
import { request as requestByTls } from "node:https";
import { agents } from "./agents";
import { credentials } from "./credentials";
import { sha256, sign } from "./signature";

/** Values in place of agents that make Node open a new socket for each request. */
const NO_AGENTS = { "http:": false, "https:": false } as const;

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

/** Thrown if the deadline passes before an answer arrives. */
export class TimedOut extends Error {
  override name = "TimedOut";
}

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
 * the request is repeated on a fresh one.
 *
 * @returns the answer's status, whatever it is
 * @throws TimedOut; the socket's error, such as ECONNREFUSED
 */
export async function sendSigned(request: SignedRequest): Promise<number> {
  const until = Date.now() + request.deadlineMs;
  try {
    return await attempt(request, until, agents);
  } catch (error) {
    if (!(error instanceof SocketWasClosed)) throw error;
    // Lambda may have frozen this environment for so long that all kept sockets are dead, so this attempt uses none of
    // them.
    return await attempt(request, until, NO_AGENTS);
  }
}

/** Thrown if the other side has closed a kept-alive socket. */
class SocketWasClosed extends Error {}

function attempt(
  { service, endpoint, method, path, headers, body = NO_BODY }: SignedRequest,
  until: number,
  by: typeof agents | typeof NO_AGENTS,
): Promise<number> {
  const url = parsed(endpoint);
  const sent = { method, host: url.host, path: `${url.pathname.replace(/\/$/, "")}${path}` };
  const scope = { region: process.env.AWS_REGION ?? "", service };
  const signature = sign({ ...sent, ...(headers && { headers }), bodyHash: body.hash }, scope, credentials());
  const send = url.protocol === "http:" ? requestPlain : requestByTls;
  return new Promise((resolve, reject) => {
    const request = send({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: url.port,
      path: sent.path,
      agent: by[url.protocol as keyof typeof agents],
      // A list, which Node sends as it is. An object would be copied and its names checked, which costs as much as the
      // signature.
      headers: [
        ...["host", sent.host, "content-length", String(body.latin1.length)],
        ...Object.entries({ ...headers, ...signature }).flat(),
      ],
    });
    const timer = setTimeout(() => request.destroy(new TimedOut(`${method} took too long`)), until - Date.now());
    request.on("response", (response) => {
      clearTimeout(timer);
      // The socket is free for the next request once the answer has been read.
      response.on("error", () => {}).resume();
      resolve(response.statusCode as number);
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const wasClosed = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      reject(wasClosed ? new SocketWasClosed() : error);
    });
    request.end(body.latin1, "latin1");
  });
}

const endpoints = new Map<string, URL>();

function parsed(endpoint: string): URL {
  const known = endpoints.get(endpoint) ?? new URL(endpoint);
  endpoints.set(endpoint, known);
  return known;
}
