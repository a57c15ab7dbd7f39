/**
 * The AWS endpoint that functions call through `AWS_ENDPOINT_URL`. The scope of a request's signature names the
 * service.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Access } from "../access.ts";
import type { Bucket } from "../buckets/bucket.ts";
import type { AsynchronousInvocations } from "../functions/asynchronous.ts";
import type { LambdaFunction } from "../functions/function.ts";
import type { Queue } from "../queues/queue.ts";
import type { Reporter } from "../report.ts";
import { requestListener } from "../requestListener.ts";
import type { Rule } from "../schedules/rule.ts";
import type { Topic } from "../topics/topic.ts";
import type { Answer } from "./answer.ts";
import { answerDynamoDb } from "./dynamodb.ts";
import { answerLambda } from "./lambda.ts";
import { bodyOf, isRefusal, readSignature, signerOf } from "./signature.ts";
import { answerSqs } from "./sqs.ts";

export interface EndpointArgs {
  access: Access;
  report: Reporter;
  store: { call(operation: string, body: string): Promise<Answer & { body: string }> };
  /** Functions by name. */
  functions: ReadonlyMap<string, LambdaFunction>;
  asynchronous: AsynchronousInvocations;
  /** Queues by ARN. */
  queues: ReadonlyMap<string, Queue>;
  /** Topics by ARN. */
  topics: ReadonlyMap<string, Topic>;
  /** Buckets by name. */
  buckets: ReadonlyMap<string, Bucket>;
  /** Rules by ARN. */
  rules: ReadonlyMap<string, Rule>;
  eventBuses: ReadonlySet<string>;
  accountId: string;
  region: string;
  arnOf: (service: string, resource: string) => string;
}

export interface Endpoint {
  url: string;
  close(): void;
}

export async function startEndpoint(args: EndpointArgs): Promise<Endpoint> {
  const { access, report } = args;
  const unknownServices = new Set<string>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = await answerTo(request, await bodyOf(request));
    // Signatures are checked against this clock. An SDK adjusts its own clock to this header.
    const date = new Date().toUTCString();
    // With a Content-Length, the headers and the body are sent in one write.
    const own = { "content-type": "application/x-amz-json-1.0", "content-length": Buffer.byteLength(body), date };
    response.writeHead(status, { ...own, "x-amzn-requestid": randomUUID(), ...headers }).end(body);
  };
  const server = createServer(requestListener(answer, report, { __type: "InternalFailure" }));

  async function answerTo(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const { service } = readSignature(request) ?? { service: "" };
    const caller = signerOf(request, body, access.sessions);
    // Unlike the other services, S3 accepts anonymous requests and presigned URLs.
    if (service === "s3" || (service === "" && args.buckets.size > 0 && !("x-amz-target" in request.headers))) {
      const { answerS3 } = await import("./s3.ts");
      return answerS3(request, body, caller, args);
    }
    // DynamoDB answers with 400, all other services with 403.
    if (isRefusal(caller)) return fault(caller.type, caller.message, service === "dynamodb" ? 400 : 403);
    const place = { ...args, arnOf: (resource: string) => args.arnOf(service, resource) };
    const operation = String(request.headers["x-amz-target"]).replace(/^\w+\./, "");
    if (service === "dynamodb") return answerDynamoDb({ operation, body: body.toString("utf8"), caller }, place);
    if (service === "sqs") return answerSqs({ operation, body: body.toString("utf8"), caller }, place);
    if (service === "lambda") {
      const { method = "", url = "", headers } = request;
      return answerLambda({ method, url, headers, body, caller }, place);
    }
    if (service === "sns") {
      const { answerSns } = await import("./sns.ts");
      return answerSns({ body: body.toString("utf8"), caller }, args);
    }
    if (service === "events") {
      const { answerEvents } = await import("./events.ts");
      return answerEvents({ operation, body: body.toString("utf8"), caller }, args);
    }
    if (!unknownServices.has(service)) {
      unknownServices.add(service);
      report({ event: "warning", message: `the local cloud does not support ${service}: calls to it fail` });
    }
    return fault("UnknownOperationException", `the local cloud does not support ${service}`);
  }

  // A frozen execution environment keeps its sockets, and must not find an idle one closed when it resumes.
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

/** Listens on loopback. Rejects with Node's error, such as EADDRINUSE, which the caller has to explain. */
export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

/** SDKs with a REST protocol read the error code from a header, the others from the body. */
function fault(type: string, message: string, status = 400): Answer {
  return { status, headers: { "x-amzn-errortype": type }, body: JSON.stringify({ __type: type, message }) };
}
