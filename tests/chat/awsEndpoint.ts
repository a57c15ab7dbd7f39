/** An AWS endpoint that records its requests, and whose answers a test chooses. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  /** Path of the request, decoded. */
  path: string;
  body: string;
}

export interface Answer {
  status: number;
  /** Name of the error, if the answer is an error. */
  error?: string;
}

export interface AwsEndpoint {
  url: string;
  asked: Asked[];
  /** @default 200 for every request */
  answer: (asked: Asked) => Answer | Promise<Answer>;
  stop(): void;
}

export async function startAwsEndpoint(): Promise<AwsEndpoint> {
  const server = createServer(async (request, response) => {
    const asked = { path: decodeURIComponent(request.url ?? ""), body: await bodyOf(request) };
    endpoint.asked.push(asked);
    const { status, error } = await endpoint.answer(asked);
    response.writeHead(status, error === undefined ? {} : { "x-amzn-errortype": error }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint: AwsEndpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answer: () => ({ status: 200 }),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return endpoint;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
