/** Posts to connections, looks at them and closes them, through the API's `@connections` endpoint. */
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import type { ByeFrame, ServerFrame } from "../../protocol/responses";
import type { Resource } from "../resource";

/** A client that does not read holds its caller up for this long at most. */
const DEADLINE_MS = 2_000;

/** Requests under way at once. The SDK's own limit is 50; what waits for a socket counts against the deadline. */
const MAX_SOCKETS = 100;

/** What became of a post. */
export type PostOutcome = "posted" | "gone" | "timedOut" | "throttled" | "failed";

const clients = new Map<string, ApiGatewayManagementApiClient>();
const utf8 = new TextEncoder();

/** Encodes a frame, once for all its receivers. */
export function encodeFrame(frame: ServerFrame): Uint8Array {
  return utf8.encode(JSON.stringify(frame));
}

/**
 * Posts a frame to one connection, within 2 s and without retries: a push is a hint, and a late one is worth nothing.
 * It never throws.
 *
 * @returns `gone` when the connection is closed, or not open yet: its `$connect` may not have returned
 */
export async function post(api: Resource<"POST">, connectionId: string, data: Uint8Array): Promise<PostOutcome> {
  try {
    await call(api, (client, options) =>
      client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: data }), options),
    );
    return "posted";
  } catch (error) {
    return OUTCOMES.get((error as Error).name) ?? "failed";
  }
}

// SDK v3 tells by name; `statusCode` does not exist on its errors.
const OUTCOMES = new Map<string, PostOutcome>([
  ["GoneException", "gone"],
  ["LimitExceededException", "throttled"],
  ["AbortError", "timedOut"],
]);

/** Tells whether a connection is open. @throws what else the SDK throws */
export async function isOpen(api: Resource<"GET">, connectionId: string): Promise<boolean> {
  return unlessGone(
    call(api, (client, options) => client.send(new GetConnectionCommand({ ConnectionId: connectionId }), options)),
  );
}

/** Closes a connection; one that is closed is no error. @throws what else the SDK throws */
export async function close(api: Resource<"DELETE">, connectionId: string): Promise<void> {
  await unlessGone(
    call(api, (client, options) => client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }), options)),
  );
}

/** Tells a client why its connection is closed and when it may come back, and closes it; a failure is ignored. */
export async function dismiss(
  api: Resource<"POST" | "DELETE">,
  connectionId: string,
  bye: Omit<ByeFrame, "type">,
): Promise<void> {
  await post(api, connectionId, encodeFrame({ type: "bye", ...bye }));
  await close(api, connectionId).catch(() => {});
}

async function unlessGone(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if ((error as Error).name === "GoneException") return false;
    throw error;
  }
}

type Send = (client: ApiGatewayManagementApiClient, options: { abortSignal: AbortSignal }) => Promise<unknown>;

/** Calls with a deadline. A kept-alive socket that the service has closed meanwhile gets a second, fresh one. */
async function call(endpoint: string, send: Send): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), DEADLINE_MS);
  const attempt = () => send(clientOf(endpoint), { abortSignal: controller.signal });
  try {
    await attempt().catch((error: Error & { code?: string }) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") throw error;
      return attempt();
    });
  } finally {
    clearTimeout(timer);
  }
}

function clientOf(endpoint: string): ApiGatewayManagementApiClient {
  const known = clients.get(endpoint);
  if (known !== undefined) return known;
  const agent = { maxSockets: MAX_SOCKETS, keepAlive: true };
  const client = new ApiGatewayManagementApiClient({
    endpoint,
    maxAttempts: 1,
    requestHandler: { httpAgent: agent, httpsAgent: agent },
  });
  clients.set(endpoint, client);
  return client;
}
