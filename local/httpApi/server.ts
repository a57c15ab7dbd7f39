/** Serves HTTP APIs and REST APIs, each on its own port. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { requestListener } from "../requestListener.ts";
import type { HttpBackend } from "./backend.ts";
import { corsHeaders, preflight } from "./cors.ts";
import type { HttpApi, HttpStage } from "./definition.ts";
import { answerRoute } from "./invoke.ts";
import { matchRoute } from "./matching.ts";
import { errorResponse, type HttpResponse } from "./response.ts";

const MAX_BODY_BYTES = 10 * 2 ** 20;

interface Backend extends HttpBackend {
  /** True until the program's first run has ended. */
  readonly starting: boolean;
}

export class HttpApis {
  readonly #backend: Backend;
  readonly #servers = new Map<string, Server>();
  #apis: ReadonlyMap<string, HttpApi> = new Map();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Starts to listen for an API, which may be served later. Returns its host and port, such as `127.0.0.1:40123`. */
  async hostOf(apiId: string): Promise<string> {
    const known = this.#servers.get(apiId);
    if (known !== undefined) return hostOf(known);
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const { status, headers, body } = await this.#answer(apiId, hostOf(server), request);
      response.writeHead(status, headers).end(body);
    };
    const server = createServer(requestListener(answer, this.#backend.report));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    this.#servers.set(apiId, server);
    return hostOf(server);
  }

  serve(apis: ReadonlyMap<string, HttpApi>): void {
    this.#apis = apis;
  }

  close(): void {
    for (const server of this.#servers.values()) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #answer(apiId: string, host: string, request: IncomingMessage): Promise<HttpResponse> {
    const api = this.#apis.get(apiId);
    if (this.#backend.starting) return errorResponse(503, "The program is still starting; try again in a few seconds.");
    if (api === undefined) return errorResponse(404, "Not Found");
    const body = await bodyOf(request);
    if (body === undefined) return errorResponse(413, "Request Too Long");
    const response = await this.#answerOf(api, host, request, body);
    const { origin } = request.headers;
    if (api.cors === undefined || origin === undefined) return response;
    return { ...response, headers: { ...response.headers, ...corsHeaders(api.cors, origin) } };
  }

  async #answerOf(api: HttpApi, host: string, request: IncomingMessage, body: Buffer): Promise<HttpResponse> {
    const [rawPath = "/", rawQuery = ""] = (request.url ?? "").split("?", 2);
    const { method = "GET", headers } = request;
    if (api.cors !== undefined && method === "OPTIONS" && headers["access-control-request-method"] !== undefined) {
      return preflight(api.cors, headers.origin ?? "");
    }
    const staged = stageOf(api, rawPath);
    const matched = staged && matchRoute([...api.routes.values()], method, staged.path);
    if (staged === undefined || matched === undefined) {
      return api.kind === "REST" ? errorResponse(403, "Missing Authentication Token") : errorResponse(404, "Not Found");
    }
    const { stage, path } = staged;
    const { accountId } = this.#backend;
    const http = { request, body, rawPath, rawQuery, path };
    return answerRoute(this.#backend, http, matched, { api, stage, accountId, host });
  }
}

/** The stage that the path begins with, or otherwise `$default`, and the path within the stage. */
function stageOf({ stages }: HttpApi, rawPath: string): { stage: HttpStage; path: string } | undefined {
  const [, first = "", ...rest] = rawPath.split("/");
  const named = first === "$default" ? undefined : stages.get(first);
  if (named !== undefined) return { stage: named, path: `/${rest.join("/")}` };
  const unnamed = stages.get("$default");
  return unnamed && { stage: unnamed, path: rawPath };
}

/** Reads the body; undefined if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

function hostOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
