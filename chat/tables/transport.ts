/**
 * Signs and sends the requests of DynamoDB's client. With the SDK's own signer and HTTP handler, a call takes 40 %
 * more CPU time (`npm run bench:dynamodb`), and a function spends most of its time on such calls.
 */
import { request as requestPlain } from "node:http";
import { request as requestByTls } from "node:https";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { agents } from "../signed/agents";
import { credentials } from "../signed/credentials";
import { sha256, sign } from "../signed/signature";

type Signer = Extract<DynamoDBClientConfig["signer"], { sign: unknown }>;
type HttpRequest = Parameters<Signer["sign"]>[0];

export const signer: Signer = {
  async sign(request, { signingDate = new Date() } = {}) {
    const { method, path, headers, body } = request;
    const host = headers.host ?? request.hostname;
    const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => hasToBeSigned(name)));
    const signature = sign(
      { method, host, path, headers: signed, bodyHash: sha256(body) },
      { region: process.env.AWS_REGION ?? "", service: "dynamodb" },
      credentials(),
      // The client adjusts it to DynamoDB's clock if this one is wrong.
      new Date(signingDate),
    );
    return { ...request, headers: { ...headers, ...signature } };
  },
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function hasToBeSigned(header: string): boolean {
  return header === "content-type" || header.startsWith("x-amz-");
}

export const requestHandler = { handle };

/** @throws Error the socket's error, such as ECONNRESET, after which the client tries again */
function handle({ protocol, hostname, port, method, path, headers, body }: HttpRequest) {
  const send = protocol === "http:" ? requestPlain : requestByTls;
  return new Promise<{ response: Response }>((resolve, reject) => {
    const request = send({
      method,
      hostname,
      port,
      path,
      agent: agents[protocol as keyof typeof agents],
      // Node sends a list as it is, but copies and checks an object.
      headers: Object.entries(headers).flat(),
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          response: {
            statusCode: response.statusCode as number,
            headers: response.headers as Record<string, string>,
            body: Buffer.concat(chunks),
          },
        }),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

interface Response {
  statusCode: number;
  headers: Record<string, string>;
  body: Uint8Array;
}
