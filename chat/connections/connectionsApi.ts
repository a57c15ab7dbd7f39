/** Posts to connections, looks at them and closes them, through the API's `@connections` endpoint. */
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import type { ServerFrame } from "../../protocol/responses";
import type { Resource } from "../resource";

const clients = new Map<string, ApiGatewayManagementApiClient>();
const utf8 = new TextEncoder();

/** A frame as it is sent, encoded once for all its receivers. */
export function encodeFrame(frame: ServerFrame): Uint8Array {
  return utf8.encode(JSON.stringify(frame));
}

/**
 * Posts a frame to one connection.
 *
 * @returns `gone` when the connection is closed, or not yet open: its `$connect` may not have returned
 * @throws what else the SDK throws
 */
export async function post(
  connections: Resource<"POST">,
  connectionId: string,
  data: Uint8Array,
): Promise<"posted" | "gone"> {
  const command = new PostToConnectionCommand({ ConnectionId: connectionId, Data: data });
  return (await unlessGone(clientOf(connections).send(command))) ? "posted" : "gone";
}

/** Tells whether a connection is open. @throws what else the SDK throws */
export function isOpen(connections: Resource<"GET">, connectionId: string): Promise<boolean> {
  return unlessGone(clientOf(connections).send(new GetConnectionCommand({ ConnectionId: connectionId })));
}

/** Closes a connection; one that is closed is no error. @throws what else the SDK throws */
export async function close(connections: Resource<"DELETE">, connectionId: string): Promise<void> {
  await unlessGone(clientOf(connections).send(new DeleteConnectionCommand({ ConnectionId: connectionId })));
}

async function unlessGone(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    // SDK v3 tells by name; `statusCode` does not exist on its errors.
    if ((error as Error).name === "GoneException") return false;
    throw error;
  }
}

function clientOf(endpoint: string): ApiGatewayManagementApiClient {
  const known = clients.get(endpoint);
  if (known !== undefined) return known;
  const client = new ApiGatewayManagementApiClient({ endpoint });
  clients.set(endpoint, client);
  return client;
}
