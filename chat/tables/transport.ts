/**
 * Signs and sends the requests of DynamoDB's client. With the SDK's own signer and HTTP handler, a call takes almost
 * twice the CPU time (`npm run bench:dynamodb`), and a function spends most of its time on such calls.
 */
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { exchange } from "../http/exchange";
import { portOf } from "../http/sockets";
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
      // The SDK has already corrected this date if our clock differs from DynamoDB's.
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

/** @throws Error whose code is ECONNRESET or that of the socket's error; the client retries after these */
async function handle({ protocol, hostname, port, method, path, headers, body }: HttpRequest) {
  const server = { protocol, hostname, port: portOf(protocol, port) };
  const latin1 = Buffer.from(body ?? "").toString("latin1");
  const { status, ...response } = await exchange({ ...server, method, path, headers: sentHeaders(headers), latin1 });
  return { response: { statusCode: status, ...response } };
}

/** The headers without the one that is added on sending. */
function sentHeaders({ "content-length": _, ...headers }: Record<string, string>): Record<string, string> {
  return headers;
}
