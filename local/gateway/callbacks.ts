/** `@connections`: functions send to connections, read their state and close them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyOf, isRefusal, signerOf } from "../endpoint/signature.ts";
import type { GatewayBackend } from "./backend.ts";
import type { Chaos } from "./chaos.ts";
import type { Connection } from "./connection.ts";
import type { ApiDefinition } from "./definition.ts";
import { isConnectionId } from "./ids.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";

export async function answerCallback(
  request: IncomingMessage,
  response: ServerResponse,
  target: {
    backend: GatewayBackend;
    api: ApiDefinition;
    stage: string;
    id: string;
    connection: Connection | undefined;
    chaos: Chaos;
  },
): Promise<void> {
  const { backend, api, stage, id, connection, chaos } = target;
  const body = await bodyOf(request);
  const answer = (status: number, type?: string, message?: string) => {
    const text = message === undefined ? "" : JSON.stringify({ message });
    if (type !== undefined) response.setHeader("x-amzn-errortype", type);
    // With a Content-Length, the headers and the body are sent in one write.
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
  };
  const caller = signerOf(request, body, backend.access.sessions, "execute-api");
  if (isRefusal(caller)) return answer(403, caller.type, caller.message);
  const method = request.method ?? "";
  const resource = backend.arnOf("execute-api", `${api.id}/${stage}/${method}/@connections/${id}`);
  const refusal = backend.access.refusal(caller, "execute-api:ManageConnections", resource);
  if (refusal !== undefined) return answer(403, "AccessDeniedException", refusal);
  if (!isConnectionId(id)) return answer(400, "BadRequestException", `Invalid connectionId: ${id}`);
  await chaos();
  if (connection === undefined) return answer(410, "GoneException");
  switch (method) {
    case "POST":
      if (body.length > MAX_MESSAGE_BYTES) return answer(413, "PayloadTooLargeException", "Payload too large");
      return connection.send(body) ? answer(200) : answer(429, "LimitExceededException", "The client does not read");
    case "DELETE":
      connection.close(1000, "Connection Closed Normally");
      return answer(204);
    case "GET": {
      const { connectedAt, sourceIp, userAgent } = connection.facts;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          connectedAt: new Date(connectedAt).toISOString(),
          lastActiveAt: new Date(connection.lastActiveAt).toISOString(),
          identity: { sourceIp, userAgent },
        }),
      );
      return;
    }
    default:
      return answer(403, "ForbiddenException", "Forbidden");
  }
}
