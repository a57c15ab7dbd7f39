/**
 * API Gateway: handshakes, frames and their routes, `@connections`, and the ends of connections. As on AWS, frames of
 * one connection run concurrently, and posts have no guaranteed order.
 */
import { ACTIONS } from "../../protocol/actions.ts";
import type { Chance } from "./chance.ts";
import type { Faults } from "./faults.ts";
import type { Functions } from "./functions.ts";
import { GatewayConnection } from "./gatewayConnection.ts";
import type { History } from "./history.ts";
import { claimsOf, nameOf } from "./issuer.ts";
import type { Line } from "./line.ts";
import type { Tempo } from "./tempo.ts";
import type { VirtualClock } from "./virtualClock.ts";

const IDLE_MS = 10 * 60_000;
const LIFETIME_MS = 2 * 3_600_000;

/** Functions whose name differs from their route's. */
const FUNCTIONS: Record<string, string> = { $connect: "connect", $disconnect: "disconnect", $default: "unknownAction" };

const ROUTES: ReadonlySet<string> = new Set(ACTIONS);

/** The part of the world that the gateway uses. */
interface GatewayWorld {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly functions: Functions;
  readonly history: History;
  readonly tempo: Tempo;
}

export class Gateway {
  readonly #world: GatewayWorld;
  readonly #connections = new Map<string, GatewayConnection>();
  readonly #counts = new Map<string, number>();

  constructor(world: GatewayWorld) {
    this.#world = world;
  }

  now(): number {
    return this.#world.clock.now();
  }

  /** Adds a connection, which isn't open yet. */
  add(line: Line, key: string, user: string, expiresAt: number): GatewayConnection {
    const { clock, chance } = this.#world;
    const id = idOf(key, chance.of("handshake", key).integer(100, 999));
    const authorizer = { principalId: user, name: nameOf(user), tokenExpiresAt: String(expiresAt) };
    const connection = new GatewayConnection(this, line, { id, key, connectedAt: clock.now(), authorizer });
    this.#connections.set(id, connection);
    return connection;
  }

  /** The connection with this id, even if it has ended; undefined for an unknown id. */
  connectionOf(id: string): GatewayConnection | undefined {
    return this.#connections.get(id);
  }

  all(): GatewayConnection[] {
    return [...this.#connections.values()];
  }

  async handshake(line: Line, protocols: string[]): Promise<void> {
    const { clock, chance, functions, history, tempo } = this.#world;
    const { client, key } = line;
    const refuse = () => {
      history.add({ kind: "connection", client, connection: key, state: "refused" });
      line.refuse();
    };
    const token = protocols.find((protocol) => protocol.startsWith("bearer."))?.slice("bearer.".length) ?? "";
    const { user, expiresAt } = claimsOf(token);
    if (expiresAt <= clock.now()) return refuse();
    const dice = chance.of("handshake", key);
    const connection = this.add(line, key, user, expiresAt);
    await passed(clock, dice.magnitude(...tempo.invokeMs));
    const event = {
      ...this.#event(connection, "$connect", key),
      headers: { "Sec-WebSocket-Protocol": protocols.join(", ") },
    };
    const invoked = await functions.invoke("connect", event, `${key}/$connect`, key);
    const { statusCode, headers } = ("result" in invoked ? invoked.result : {}) as {
      statusCode?: number;
      headers?: object;
    };
    if (statusCode !== 200 || headers === undefined || line.isCutAtGateway) {
      refuse();
      // The connection was never open, so there is no $disconnect.
      return;
    }
    connection.isOpen = true;
    line.connection = connection;
    history.add({ kind: "connection", client, connection: key, state: "open", user, expiresAt });
    line.opened();
    clock.after(LIFETIME_MS, () => connection.close(1001));
    this.#watchIdle(connection);
  }

  /** Handles a frame from a client. */
  async message(connection: GatewayConnection, client: string, text: string): Promise<void> {
    const { clock, chance, faults, functions, tempo } = this.#world;
    if (!connection.isOpen) return;
    connection.lastActiveAt = clock.now();
    const frame = parsed(text);
    const routeKey = typeof frame.action === "string" && ROUTES.has(frame.action) ? frame.action : "$default";
    // An append is named by its id, so the random decisions about it don't depend on what else the client sends.
    const isAppend = frame.id !== undefined && ("text" in frame || "target" in frame);
    const name = isAppend ? `${routeKey} ${frame.id}` : routeKey;
    const key = this.#numbered(`${client}/${name}`);
    const dice = chance.of("frame", key);
    const pause = dice.magnitude(...tempo.invokeMs);
    const delay = dice.between(50, 5_000);
    const gatewaySays = (message: string) =>
      connection.send(JSON.stringify({ message, connectionId: connection.id, requestId: key }));
    if (faults.happens("frame refused", key, dice)) return gatewaySays("Too Many Requests");
    await passed(clock, pause + (faults.happens("frame delayed", key, dice) ? delay : 0));
    const event = { ...this.#event(connection, routeKey, key), body: text };
    const invoked = await functions.invoke(FUNCTIONS[routeKey] ?? routeKey, event, key, connection.key);
    if ("error" in invoked) return gatewaySays("Internal server error");
    const { body } = (invoked.result ?? {}) as { body?: string };
    if (body !== undefined && body !== "") connection.send(body);
  }

  /** Handles the end of a connection, as soon as the gateway knows of it. */
  ended(connection: GatewayConnection): void {
    const { clock, chance, faults, functions, tempo } = this.#world;
    if (!connection.isOpen) return;
    connection.isOpen = false;
    const { key } = connection;
    const dice = chance.of("end", key);
    const delay = dice.magnitude(...tempo.invokeMs);
    if (faults.happens("disconnect lost", key, dice)) return;
    clock.after(delay, () => {
      void functions.invoke("disconnect", this.#event(connection, "$disconnect", key), `${key}/$disconnect`, key);
    });
  }

  #watchIdle(connection: GatewayConnection): void {
    const { clock } = this.#world;
    clock.after(connection.lastActiveAt + IDLE_MS - clock.now(), () => {
      if (!connection.isOpen) return;
      if (clock.now() - connection.lastActiveAt >= IDLE_MS) connection.close(1001);
      else this.#watchIdle(connection);
    });
  }

  #event({ id, connectedAt, authorizer }: GatewayConnection, routeKey: string, requestId: string): object {
    const eventType = { $connect: "CONNECT", $disconnect: "DISCONNECT" }[routeKey] ?? "MESSAGE";
    const requestContext = { routeKey, eventType, requestId, connectionId: id, connectedAt, authorizer, stage: "dev" };
    return { requestContext, isBase64Encoded: false };
  }

  #numbered(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return `${name}~${count}`;
  }
}

/** Connection id in API Gateway's format; the order of ids doesn't follow the order of connections. */
function idOf(key: string, order: number): string {
  return `${`${order}-${key}`.replaceAll(/[^A-Za-z0-9_-]/g, "_").padEnd(15, "_")}=`;
}

function passed(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

function parsed(text: string): Record<string, unknown> {
  try {
    const frame = JSON.parse(text);
    return typeof frame === "object" && frame !== null ? frame : {};
  } catch {
    return {};
  }
}
