/** The deployed functions, run in this process one frame at a time, with the local cloud's own DynamoDB. */
import { selectRoute } from "../../local/gateway/selection.ts";
import { DynamoDbThread } from "../../local/store/client.ts";
import type { Bundles } from "../checker/bundles.ts";
import { type AwsRequest, CompiledFunction, Environment } from "../checker/environment.ts";
import { Invocation } from "../checker/invocation.ts";
import { Issuer } from "../checker/issuer.ts";
import { type Item, plain } from "../checker/store.ts";
import { ROUTES } from "./arbitraries.ts";

const ISSUER = "https://issuer.test";
const AUDIENCE = "fuzz";

/** Limits high enough for the fuzzer; they have their own tests. */
const FAST = { perSecond: 1e6, burst: 1e9 };
const LIMITS = JSON.stringify({
  appends: FAST,
  frames: FAST,
  connects: FAST,
  room: FAST,
  strikes: 1e9,
  connectionsPerPerson: 1e9,
  roomsPerConnection: 1e9,
});

export interface Connection {
  readonly id: string;
  readonly user: string;
  readonly connectedAt: number;
  readonly tokenExpiresAt: number;
  isOpen: boolean;
}

/** The outcome of a frame. */
export interface Happened {
  route: string;
  requestId: string;
  /** The function's result; undefined if it threw. */
  returned: { statusCode?: unknown; body?: unknown } | undefined;
  /** The error that it threw. */
  thrown: string | undefined;
  pushes: { to: Connection; text: string }[];
  /** Connections that the function closed. */
  closed: Connection[];
}

export class Chat {
  readonly issuer = new Issuer(ISSUER, AUDIENCE);
  readonly #environments = new Map<string, Environment>();
  readonly #bundles: Bundles;
  readonly #connections = new Map<string, Connection>();
  #store: DynamoDbThread | undefined;
  #happened: Pick<Happened, "pushes" | "closed"> = { pushes: [], closed: [] };
  #count = 0;

  constructor(bundles: Bundles) {
    this.#bundles = bundles;
    const outside = {
      now: Date.now,
      after: (ms: number, run: () => void) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      random: Math.random,
      request: (_: Invocation, request: AwsRequest) => void this.#answer(request),
      fetch: async (url: string) => this.issuer.fetch(url),
      busy: <T>(work: Promise<T>) => work,
    };
    for (const code of bundles.functions) {
      const variables = { ...code.variables, LIMITS, ISSUER, AUDIENCE, ORIGINS: "[]" };
      this.#environments.set(code.name, new Environment(new CompiledFunction({ ...code, variables }), outside));
    }
  }

  /** Starts over with empty tables and without connections; the environments keep their memory. */
  async begin(): Promise<void> {
    await this.end();
    this.#connections.clear();
    this.#store = new DynamoDbThread({});
    for (const table of this.#bundles.tables) await this.#store.createTable(table);
  }

  async end(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
  }

  /** @param expiresAt expiry of the token, in milliseconds since 1970 */
  async connect(user: string, expiresAt = Date.now() + 7_200_000): Promise<Connection> {
    const connection = this.#add(user, expiresAt);
    const headers = { "Sec-WebSocket-Protocol": "chat.v1" };
    const { returned } = await this.#invoke("connect", connection, "$connect", { headers });
    if (returned?.statusCode !== 200) throw new Error(`$connect returned ${JSON.stringify(returned)}`);
    return connection;
  }

  /** A connection known to the gateway but not in the tables, like one that the sweep mistook for gone. */
  forgotten(user: string): Connection {
    return this.#add(user, Date.now() + 7_200_000);
  }

  async disconnect(connection: Connection): Promise<Happened> {
    connection.isOpen = false;
    this.#connections.delete(connection.id);
    return this.#invoke("disconnect", connection, "$disconnect", {});
  }

  /** @param route API Gateway's route, if it differs from the frame's action */
  send(connection: Connection, body: string, route = this.routeOf(body)): Promise<Happened> {
    return this.#invoke(route === "$default" ? "unknownAction" : route, connection, route, { body });
  }

  routeOf(body: string): string {
    return selectRoute("$request.body.action", body, ROUTES);
  }

  /** The rows of the table whose name contains this name. */
  async rows(name: "connections" | "messages"): Promise<Record<string, unknown>[]> {
    const { TableName } = this.#bundles.tables.find((table) => table.TableName.includes(name)) as { TableName: string };
    const rows: Record<string, unknown>[] = [];
    let ExclusiveStartKey: Item | undefined;
    do {
      const answer = await this.#store?.call("Scan", JSON.stringify({ TableName, ExclusiveStartKey }));
      const page = JSON.parse(answer?.body ?? "") as { Items: Item[]; LastEvaluatedKey?: Item };
      rows.push(...page.Items.map(plain));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return rows;
  }

  #add(user: string, tokenExpiresAt: number): Connection {
    const id = `connection${++this.#count}=`;
    const connection = { id, user, connectedAt: Date.now(), tokenExpiresAt, isOpen: true };
    this.#connections.set(id, connection);
    return connection;
  }

  async #invoke(name: string, connection: Connection, routeKey: string, event: object): Promise<Happened> {
    const { id: connectionId, user, connectedAt, tokenExpiresAt } = connection;
    const requestId = `request${++this.#count}=`;
    const authorizer = { principalId: user, name: `Name of ${user}`, tokenExpiresAt: String(tokenExpiresAt) };
    const requestContext = { routeKey, requestId, connectionId, connectedAt, authorizer, stage: "dev" };
    const environment = this.#environments.get(name) as Environment;
    const invocation = new Invocation(requestId, environment.quota, () => undefined as never);
    this.#happened = { pushes: [], closed: [] };
    let returned: Happened["returned"];
    let thrown: string | undefined;
    try {
      returned = (await environment.invoke({ ...event, requestContext }, invocation)) as Happened["returned"];
    } catch (error) {
      thrown = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    invocation.isOver = true;
    return { route: routeKey, requestId, returned, thrown, ...this.#happened };
  }

  async #answer({ host, path, method, headers, body, answer }: AwsRequest): Promise<void> {
    if (host.startsWith("dynamodb.")) {
      const { status, body: found } = (await this.#store?.call(headers["x-amz-target"]?.split(".")[1] ?? "", body)) ?? {
        status: 500,
        body: "{}",
      };
      answer(status, found, { "content-type": "application/x-amz-json-1.0" });
      return;
    }
    // Asynchronous invocations push to others later; nobody waits for that here.
    if (path.endsWith("/invocations")) {
      answer(202, "");
      return;
    }
    const [, id] = path.split("/@connections/");
    if (id === undefined) throw new Error(`nothing here answers ${method} ${path}`);
    const to = this.#connections.get(decodeURIComponent(id));
    if (to?.isOpen !== true) {
      answer(410, "{}", { "x-amzn-errortype": "GoneException" });
      return;
    }
    if (method === "POST") this.#happened.pushes.push({ to, text: body });
    if (method === "DELETE") {
      to.isOpen = false;
      this.#happened.closed.push(to);
    }
    answer(method === "DELETE" ? 204 : 200, "");
  }
}
