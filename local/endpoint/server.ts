/** The AWS endpoint that functions reach by `AWS_ENDPOINT_URL`: the service is read from the signature's scope. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Access } from "../access.ts";
import type { Reporter } from "../report.ts";
import type { Answer } from "../store/dynamodb.ts";
import { answerDynamoDb } from "./dynamodb.ts";
import { bodyOf, readSignature } from "./signature.ts";

export interface EndpointArgs {
  access: Access;
  report: Reporter;
  store: { call(operation: string, body: string): Promise<Answer> };
  arnOf: (service: string, resource: string) => string;
}

export interface Endpoint {
  url: string;
  close(): void;
}

export async function startEndpoint({ access, report, store, arnOf }: EndpointArgs): Promise<Endpoint> {
  const unknownServices = new Set<string>();
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const { status, body: answer } = await answerTo(request.headers["x-amz-target"], body, readSignature(request));
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(answer);
  });

  async function answerTo(target: unknown, body: Buffer, signed: ReturnType<typeof readSignature>): Promise<Answer> {
    const caller = signed && access.callerOf(signed.accessKeyId);
    if (signed === undefined) return fault("MissingAuthenticationTokenException", "the request is not signed");
    if (caller === undefined) {
      return fault("UnrecognizedClientException", "The security token included in the request is invalid.");
    }
    if (signed.service === "dynamodb") {
      const operation = String(target).replace(/^DynamoDB_20120810\./, "");
      const place = { access, store, arnOf: (resource: string) => arnOf("dynamodb", resource) };
      return answerDynamoDb({ operation, body: body.toString("utf8"), caller }, place);
    }
    if (!unknownServices.has(signed.service)) {
      unknownServices.add(signed.service);
      report({ event: "warning", message: `the local cloud does not serve ${signed.service}: calls to it fail` });
    }
    return fault("UnknownOperationException", `the local cloud does not serve ${signed.service}`);
  }

  // A frozen execution environment keeps its sockets; an idle one must not find them closed when it goes on.
  server.keepAliveTimeout = 0;
  await listen(server, 0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Listens on loopback; the error of a port in use is the caller's to explain. */
export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

function fault(type: string, message: string): Answer {
  return { status: 400, body: JSON.stringify({ __type: type, message }) };
}
