/** Serves one WebSocket API: handshakes, frames, `@connections`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Cloud } from "../cloud.ts";
import { answerOperator, OPERATOR_PATH } from "../identity/operator.ts";
import { accessLogLine, type LogValues } from "./accessLog.ts";
import { type Authorized, authorize } from "./authorizer.ts";
import { answerCallback } from "./callbacks.ts";
import type { Chaos } from "./chaos.ts";
import { Connection, type Lifetimes } from "./connection.ts";
import type { ApiDefinition, Route, Stage } from "./definition.ts";
import { type ConnectionFacts, connectEvent, disconnectEvent, type GatewayEvent, messageEvent } from "./events.ts";
import { newId } from "./ids.ts";
import { invokeIntegration } from "./invoke.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";
import { selectRoute } from "./selection.ts";
import { Throttle } from "./throttle.ts";

/** How long closing waits for the functions of `$disconnect`. */
const CLOSING_MS = 1_500;

export class ApiServer {
  readonly #cloud: Cloud;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    // Clients may compress; nothing is compressed for them.
    perMessageDeflate: {
      threshold: Number.POSITIVE_INFINITY,
      clientNoContextTakeover: true,
      serverNoContextTakeover: true,
    },
    // API Gateway does not choose a subprotocol: the function behind `$connect` does.
    handleProtocols: () => false,
  });
  readonly #connections = new Map<string, Connection>();
  readonly #throttles = new Map<string, Throttle>();
  readonly #chaos: Chaos;
  readonly #lifetimes: Lifetimes;
  readonly #closings = new Set<Promise<void>>();
  #api: ApiDefinition | undefined;

  /** @param server listens already, so that its port is known before the API is */
  constructor(cloud: Cloud, server: Server, { chaos, lifetimes }: { chaos: Chaos; lifetimes: Lifetimes }) {
    this.#cloud = cloud;
    this.#server = server;
    this.#chaos = chaos;
    this.#lifetimes = lifetimes;
    server.keepAliveTimeout = 0;
    server.on("request", (request, response) => void this.#request(request, response));
    server.on("upgrade", (request, socket, head) => void this.#handshake(request, socket, head));
  }

  static listen(cloud: Cloud, port: number, options: { chaos: Chaos; lifetimes: Lifetimes }): Promise<ApiServer> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => resolve(new ApiServer(cloud, server, options)));
    });
  }

  /** `127.0.0.1:4510`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get inUse(): boolean {
    return this.#api !== undefined;
  }

  serve(api: ApiDefinition): void {
    this.#api = api;
  }

  /** Closes every connection with 1001 and runs `$disconnect` for it, as long as that takes no more than 1.5 s. */
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

  /** Plain HTTP: `@connections`, and clients that are none. */
  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === OPERATOR_PATH) {
      answerOperator(this.#cloud)(request, response);
      return;
    }
    if (request.url?.startsWith("/.well-known/")) {
      this.#cloud.issuer.handle(request, response);
      return;
    }
    const { stage, rest } = this.#stageOf(request);
    const callback = /^\/@connections\/([^/]+)$/.exec(rest);
    if (stage === undefined || this.#api === undefined || (rest !== "" && callback === null)) {
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
      cloud: this.#cloud,
      api: this.#api,
      stage: stage.name,
      id,
      connection: connection?.facts.stage === stage.name ? connection : undefined,
      chaos: this.#chaos,
    });
  }

  #stageOf(request: IncomingMessage): { stage: Stage | undefined; rest: string; query: URLSearchParams } {
    // A path is split as it stands: parsing it as a URL would fail for some, and resolve dots in others.
    const [pathname = "", query] = (request.url ?? "").split("?", 2);
    const [, name = "", ...rest] = pathname.split("/");
    const path = rest.join("/").replace(/\/$/, "");
    return {
      stage: this.#api?.stages.get(name),
      rest: path === "" ? "" : `/${path}`,
      query: new URLSearchParams(query),
    };
  }

  async #handshake(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const started = performance.now();
    const { stage, rest, query } = this.#stageOf(request);
    const refuse = (status: number, message: string, why: string) => {
      this.#cloud.report({ event: "refused", status, why });
      refuseUpgrade(socket, status, message);
    };
    if (stage === undefined || rest !== "")
      return refuse(403, "Forbidden", `there is no stage at ${request.url?.split("?")[0]}`);
    if (!this.#mayPass(stage)) return refuse(429, "Too Many Requests", "the stage's throttle is reached");
    const facts = this.#factsOf(request, stage);
    const event = connectEvent(facts, request, query);
    const route = stage.deployed.routes.get("$connect");
    if (route !== undefined && route.authorizationType !== "NONE") {
      const authorized = await this.#authorize(stage, route, event);
      if ("status" in authorized) {
        this.#logAccess(stage, event, { status: authorized.status });
        return refuse(authorized.status, REFUSALS[authorized.status], authorized.why);
      }
      facts.authorizer = authorized.context;
      event.requestContext.authorizer = authorized.context;
    }
    let subprotocol: string | undefined;
    if (route !== undefined) {
      const integrated = await this.#invoke(stage, "$connect", event);
      if ("error" in integrated) {
        const status = integrated.refused ? 500 : 502;
        return refuse(
          status,
          status === 500 ? "Internal server error" : "Bad Gateway",
          `$connect failed: ${integrated.error}`,
        );
      }
      const { statusCode, headers } = (integrated.result ?? {}) as {
        statusCode?: unknown;
        headers?: Record<string, string>;
      };
      if (typeof statusCode !== "number") return refuse(502, "Bad Gateway", "$connect returned no statusCode");
      if (statusCode < 200 || statusCode > 299) return refuse(statusCode, "Refused", `$connect returned ${statusCode}`);
      subprotocol = Object.entries(headers ?? {}).find(
        ([name]) => name.toLowerCase() === "sec-websocket-protocol",
      )?.[1];
    }
    if (socket.destroyed) {
      this.#disconnected(stage, facts, 1006, "");
      return;
    }
    this.#upgrade(request, socket, head, subprotocol, (open) => {
      this.#connections.set(facts.connectionId, this.#connection(stage, facts, open));
      this.#cloud.report({
        event: "connected",
        connectionId: facts.connectionId,
        ms: Math.round(performance.now() - started),
      });
    });
  }

  async #authorize(stage: Stage, route: Route, event: GatewayEvent): Promise<Authorized> {
    const authorizer = stage.deployed.authorizers.get(route.authorizerId ?? "");
    if (route.authorizationType !== "CUSTOM" || authorizer === undefined) {
      return { status: 403, why: `the authorization type ${route.authorizationType} is not served here` };
    }
    return authorize(this.#cloud, authorizer, {
      event,
      methodArn: this.#cloud.arnOf("execute-api", `${this.#api?.id}/${stage.name}/$connect`),
      authorizerArn: this.#cloud.arnOf("execute-api", `${this.#api?.id}/authorizers/${authorizer.id}`),
    });
  }

  #upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    subprotocol: string | undefined,
    then: (open: WebSocket) => void,
  ) {
    const addHeader = (headers: string[]) => {
      if (subprotocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${subprotocol}`);
    };
    this.#sockets.once("headers", addHeader);
    this.#sockets.handleUpgrade(request, socket, head, then);
    this.#sockets.removeListener("headers", addHeader);
  }

  #connection(stage: Stage, facts: ConnectionFacts, socket: WebSocket): Connection {
    const connection: Connection = new Connection(socket, facts, this.#lifetimes, {
      message: (text) => void this.#message(stage, connection, text),
      close: (code, reason) => {
        this.#connections.delete(facts.connectionId);
        this.#disconnected(stage, facts, code, reason);
      },
    });
    return connection;
  }

  async #message(stage: Stage, connection: Connection, text: string): Promise<void> {
    const { facts } = connection;
    const started = performance.now();
    await this.#chaos();
    const { deployed } = stage;
    const routeKey = selectRoute(deployed.routeSelectionExpression, text, deployed.routes);
    const event = messageEvent(facts, routeKey, text);
    const gatewaySays = (message: string) => {
      const { connectionId, requestId } = event.requestContext;
      connection.send(Buffer.from(JSON.stringify({ message, connectionId, requestId })));
    };
    if (!this.#mayPass(stage)) {
      this.#logAccess(stage, event, { status: 429 });
      // The text of this frame is not documented; only the status is.
      return gatewaySays("Too Many Requests");
    }
    const route = deployed.routes.get(routeKey);
    if (route === undefined) {
      this.#logAccess(stage, event, { status: 403 });
      return gatewaySays("Forbidden");
    }
    const integrated = await this.#invoke(stage, routeKey, event);
    const ms = Math.round(performance.now() - started);
    this.#cloud.report({
      event: "message",
      connectionId: facts.connectionId,
      route: routeKey,
      bytes: Buffer.byteLength(text),
      ms,
    });
    if ("error" in integrated) return gatewaySays("Internal server error");
    if (integrated.result === null || !deployed.answering.has(route.id)) return;
    const { body } = integrated.result as { body?: unknown };
    if (typeof body === "string" && body !== "") connection.send(Buffer.from(body));
  }

  async #invoke(stage: Stage, routeKey: string, event: GatewayEvent) {
    const route = stage.deployed.routes.get(routeKey) as Route;
    const sourceArn = this.#cloud.arnOf("execute-api", `${this.#api?.id}/${stage.name}/${routeKey}`);
    const integrated = await invokeIntegration(this.#cloud, stage.deployed, route, event, sourceArn);
    const integrationLatency = integrated.latencyMs;
    this.#logAccess(
      stage,
      event,
      "error" in integrated
        ? { status: 500, integrationLatency, integrationErrorMessage: integrated.error }
        : { status: 200, integrationLatency },
    );
    return integrated;
  }

  /** Runs `$disconnect`; nobody waits for it but the closing of everything. */
  #disconnected(stage: Stage, facts: ConnectionFacts, code: number, reason: string): void {
    this.#cloud.report({ event: "disconnected", connectionId: facts.connectionId, code, reason });
    if (!stage.deployed.routes.has("$disconnect")) return;
    const closing = this.#invoke(stage, "$disconnect", disconnectEvent(facts, code, reason)).then(() => {
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

  #mayPass(stage: Stage): boolean {
    if (stage.throttle === undefined) return true;
    const throttle = this.#throttles.get(stage.name) ?? new Throttle(stage.throttle, performance.now());
    this.#throttles.set(stage.name, throttle);
    return throttle.take(performance.now());
  }

  #logAccess({ accessLog }: Stage, event: GatewayEvent, values: LogValues): void {
    if (accessLog === undefined) return;
    const line = accessLogLine(accessLog.format, event.requestContext, values);
    this.#cloud.report({ event: "log", group: accessLog.group, line });
  }
}

const REFUSALS = { 401: "Unauthorized", 403: "Forbidden", 500: "Internal server error" } as const;

/** A part of a path; one that is not well encoded stays as it is, and names nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  const body = JSON.stringify({ message });
  const head = [
    `HTTP/1.1 ${status} ${message}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
