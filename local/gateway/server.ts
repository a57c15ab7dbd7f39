/** Serves one WebSocket API: handshakes, frames, `@connections`. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { decoded } from "../percentDecoding.ts";
import { requestListener } from "../requestListener.ts";
import { logAccess } from "./accessLog.ts";
import type { GatewayBackend } from "./backend.ts";
import { answerCallback } from "./callbacks.ts";
import type { Chaos } from "./chaos.ts";
import { Connection, type Lifetimes } from "./connection.ts";
import type { ApiDefinition, Stage } from "./definition.ts";
import { type ConnectionFacts, connectEvent, disconnectEvent, messageEvent } from "./events.ts";
import { decideHandshake } from "./handshake.ts";
import { newId } from "./ids.ts";
import { invokeRoute } from "./invoke.ts";
import { selectRoute } from "./selection.ts";
import { Throttles } from "./throttle.ts";
import { handshakeFault, refuseUpgrade, upgrade } from "./upgrade.ts";

/** Maximum time that closing waits for `$disconnect` functions. */
const CLOSING_MS = 1_500;

const STARTING = "The program is still starting; try again in a few seconds.";

export interface ApiServerOptions {
  chaos: Chaos;
  lifetimes: Lifetimes;
  /** Answers paths under `/.well-known/`, which an API's stage can't use. */
  wellKnown: RequestListener;
}

export class ApiServer {
  /** Host and port: `127.0.0.1:4510`. */
  readonly host: string;
  readonly #backend: GatewayBackend;
  readonly #server: Server;
  readonly #options: ApiServerOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #throttles = new Throttles();
  readonly #closings = new Set<Promise<void>>();
  #api: ApiDefinition | undefined;

  /** @param server a server that is already listening, so that its port is known before there is an API to serve */
  constructor(backend: GatewayBackend, server: Server, options: ApiServerOptions) {
    this.#backend = backend;
    this.#server = server;
    this.#options = options;
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.keepAliveTimeout = 0;
    const { report } = backend;
    server.on(
      "request",
      requestListener((request, response) => this.#request(request, response), report),
    );
    server.on("upgrade", (request, socket, head) => {
      this.#handshake(request, socket, head).catch((error: Error) => {
        report({ event: "error", message: `a handshake could not be answered: ${error.message}` });
        refuseUpgrade(socket, 500, "Internal Server Error");
      });
    });
  }

  static listen(backend: GatewayBackend, port: number, options: ApiServerOptions): Promise<ApiServer> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => resolve(new ApiServer(backend, server, options)));
    });
  }

  /** Serves this API from now on, also to connections that are already open. Undefined stops serving. */
  serve(api: ApiDefinition | undefined): void {
    this.#api = api;
  }

  /** Closes every connection with 1001 and waits up to 1.5 s for their `$disconnect` functions. */
  async close(): Promise<void> {
    this.#server.close();
    for (const connection of this.#connections.values()) connection.close(1001, "Going away");
    const deadline = new Promise((resolve) => setTimeout(resolve, CLOSING_MS));
    const closed = (async () => {
      while (this.#connections.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await Promise.all(this.#closings);
    })();
    await Promise.race([closed, deadline]);
    this.#server.closeAllConnections();
  }

  /** Answers HTTP requests other than handshakes: `@connections`, `/.well-known/`, and all others with an error. */
  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith("/.well-known/")) {
      this.#options.wellKnown(request, response);
      return;
    }
    if (this.#backend.starting) {
      response
        .writeHead(503, { "content-type": "application/json", "retry-after": "1" })
        .end(JSON.stringify({ message: STARTING }));
      return;
    }
    const { stage, rest } = this.#stageOf(request);
    const callback = /^\/@connections\/([^/]+)$/.exec(rest);
    if (stage === undefined || this.#api === undefined) {
      response
        .writeHead(403, { "content-type": "application/json", "x-amzn-errortype": "ForbiddenException" })
        .end(JSON.stringify({ message: "Forbidden" }));
      return;
    }
    if (callback === null) {
      response.writeHead(426, { connection: "upgrade", upgrade: "websocket" }).end("Upgrade Required");
      return;
    }
    const id = decoded(callback[1] as string);
    const connection = this.#connections.get(id);
    await answerCallback(request, response, {
      backend: this.#backend,
      api: this.#api,
      stage: stage.name,
      id,
      connection: connection?.facts.stage === stage.name ? connection : undefined,
      chaos: this.#options.chaos,
    });
  }

  #stageOf(request: IncomingMessage): { stage: Stage | undefined; rest: string; query: string | undefined } {
    // Splits the raw path, because the URL parser would reject some paths and resolve dots in others.
    const [pathname = "", query] = (request.url ?? "").split("?", 2);
    const [, name = "", ...rest] = pathname.split("/");
    const path = rest.join("/").replace(/\/$/, "");
    return {
      stage: this.#api?.stages.get(name),
      rest: path === "" ? "" : `/${path}`,
      query,
    };
  }

  async #handshake(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    if (this.#backend.starting) {
      refuseUpgrade(socket, 503, STARTING, ["Retry-After: 1"]);
      return;
    }
    const started = performance.now();
    const { stage, rest, query } = this.#stageOf(request);
    const fault = handshakeFault(request);
    if (fault !== undefined) return refuseUpgrade(socket, fault.status, fault.message, fault.headers);
    const refuse = (status: number, message: string, why: string) => {
      this.#backend.report({ event: "refused", status, why });
      refuseUpgrade(socket, status, message);
    };
    if (stage === undefined || rest !== "") {
      return refuse(403, "Forbidden", `there is no stage at ${request.url?.split("?")[0]}`);
    }
    if (!this.#throttles.mayPass(stage, "$connect")) {
      return refuse(429, "Too Many Requests", "the rate limit of the stage or of $connect was exceeded");
    }
    const facts = this.#factsOf(request, stage);
    const event = connectEvent(facts, request, new URLSearchParams(query));
    const decision = await decideHandshake(this.#backend, stage, facts, event);
    if ("status" in decision) return refuse(decision.status, decision.message, decision.why);
    if (socket.destroyed) {
      this.#disconnected(stage, facts, 1006, "");
      return;
    }
    upgrade(request, socket, head, decision.subprotocol, (open) => {
      const { connectionId } = facts;
      this.#connections.set(connectionId, this.#connection(stage, facts, open));
      this.#backend.report({ event: "connected", connectionId, ms: Math.round(performance.now() - started) });
    });
  }

  #connection(stage: Stage, facts: ConnectionFacts, socket: WebSocket): Connection {
    const connection: Connection = new Connection(socket, facts, this.#options.lifetimes, {
      message: (text) => void this.#message(this.#current(stage), connection, text),
      close: (code, reason) => {
        this.#connections.delete(facts.connectionId);
        this.#disconnected(this.#current(stage), facts, code, reason);
      },
    });
    return connection;
  }

  /** The stage's current state. Clients of a deleted stage stay connected to its last state. */
  #current(stage: Stage): Stage {
    return this.#api?.stages.get(stage.name) ?? stage;
  }

  async #message(stage: Stage, connection: Connection, text: string): Promise<void> {
    const { apiId, connectionId } = connection.facts;
    const started = performance.now();
    await this.#options.chaos();
    const { deployed } = stage;
    const routeKey = selectRoute(deployed.routeSelectionExpression, text, deployed.routes);
    const event = messageEvent(connection.facts, routeKey, text);
    const answerFromGateway = (message: string) => {
      const { requestId } = event.requestContext;
      connection.send(Buffer.from(JSON.stringify({ message, connectionId, requestId })));
    };
    if (!this.#throttles.mayPass(stage, routeKey)) {
      logAccess(this.#backend, stage, event, { status: 429 });
      // AWS documents only the status 429, not the text of this frame.
      return answerFromGateway("Too Many Requests");
    }
    const route = deployed.routes.get(routeKey);
    if (route === undefined) {
      logAccess(this.#backend, stage, event, { status: 403 });
      return answerFromGateway("Forbidden");
    }
    const integrated = await invokeRoute(this.#backend, { apiId, stage, route }, event);
    const ms = Math.round(performance.now() - started);
    this.#backend.report({ event: "message", connectionId, route: routeKey, bytes: Buffer.byteLength(text), ms });
    if ("error" in integrated) {
      return answerFromGateway(integrated.timedOut ? "Endpoint request timed out" : "Internal server error");
    }
    if (integrated.result === null || !deployed.answering.has(route.id)) return;
    const { body } = integrated.result as { body?: unknown };
    if (typeof body === "string" && body !== "") connection.send(Buffer.from(body));
  }

  /** Runs `$disconnect`. Only `close()` waits for it. */
  #disconnected(stage: Stage, facts: ConnectionFacts, code: number, reason: string): void {
    const { apiId, connectionId } = facts;
    this.#backend.report({ event: "disconnected", connectionId, code, reason });
    const route = stage.deployed.routes.get("$disconnect");
    if (route === undefined) return;
    const event = disconnectEvent(facts, code, reason);
    const closing = invokeRoute(this.#backend, { apiId, stage, route }, event).then(() => {
      this.#closings.delete(closing);
    });
    this.#closings.add(closing);
  }

  #factsOf(request: IncomingMessage, stage: Stage): ConnectionFacts {
    return {
      connectionId: newId(),
      connectedAt: Date.now(),
      apiId: this.#api?.id ?? "",
      stage: stage.name,
      stageVariables: stage.variables,
      domainName: this.host,
      sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
      userAgent: request.headers["user-agent"],
      authorizer: undefined,
    };
  }
}
