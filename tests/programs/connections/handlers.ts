/** The functions of this API, bundled into one file because they call `@connections` through the SDK. */
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";

type ConnectEvent = APIGatewayProxyWebsocketEventV2 & { queryStringParameters?: Record<string, string> };

/** Does what the query says, and logs its event. */
export async function connect(event: ConnectEvent) {
  const { status = "200", subprotocol, failing, greeting } = event.queryStringParameters ?? {};
  console.log(JSON.stringify(event));
  if (failing !== undefined) throw new Error("nobody comes in");
  if (greeting !== undefined) {
    const { connectionId } = event.requestContext;
    const result = await call({ method: "POST", id: connectionId, data: greeting });
    console.log(JSON.stringify({ greeted: connectionId, ...result }));
  }
  return {
    statusCode: /^\d+$/.test(status) ? Number(status) : status,
    headers: subprotocol === undefined ? {} : { "Sec-WebSocket-Protocol": subprotocol },
  };
}

export async function disconnect(event: unknown) {
  console.log(JSON.stringify(event));
  return { statusCode: 200 };
}

export async function echo(event: unknown) {
  return { statusCode: 200, body: JSON.stringify(event) };
}

/** Calls `@connections` as the frame says, and answers with the outcome. */
export async function manage({ body }: { body: string }) {
  return { statusCode: 200, body: JSON.stringify(await call(JSON.parse(body))) };
}

const MOST_POSTS = 400;

/** Posts to a connection until a post is refused, and returns the refusal. */
export async function flood({ body }: { body: string }) {
  const { id } = JSON.parse(body);
  for (let posts = 0; posts < MOST_POSTS; posts++) {
    const result = await call({ method: "POST", id, bytes: 100 * 1024 });
    if (result.status !== 200) return { statusCode: 200, body: JSON.stringify(result) };
  }
  return { statusCode: 200, body: JSON.stringify({ status: 200, posts: MOST_POSTS }) };
}

interface Call {
  method: string;
  id: string;
  data?: string;
  /** Number of bytes to post if there is no `data`. */
  bytes?: number;
  /** A stage other than the connection's. */
  stage?: string;
}

async function call({ method, id, bytes = 0, data = "x".repeat(bytes), stage }: Call) {
  const { CONNECTIONS_URL = "" } = process.env;
  const client = new ApiGatewayManagementApiClient({
    endpoint: stage === undefined ? CONNECTIONS_URL : CONNECTIONS_URL.replace(/[^/]+$/, stage),
    // Tests examine the refusal, which a retry would hide.
    maxAttempts: 1,
  });
  try {
    const { $metadata, ...result } = await send(client, { method, id, data });
    return { status: $metadata.httpStatusCode, ...result };
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { status: $metadata?.httpStatusCode, name, message };
  }
}

function send(
  client: ApiGatewayManagementApiClient,
  { method, id, data }: Required<Pick<Call, "method" | "id" | "data">>,
) {
  const ConnectionId = id;
  if (method === "GET") return client.send(new GetConnectionCommand({ ConnectionId }));
  if (method === "DELETE") return client.send(new DeleteConnectionCommand({ ConnectionId }));
  return client.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from(data) }));
}
