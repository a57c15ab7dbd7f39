/** Everything that exists in the local cloud, and the servers that serve it. local/resources/ adds the resources. */
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Access } from "./access.ts";
import { applyDraft } from "./applyDraft.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Definitions } from "./definitions.ts";
import { Draft, type DraftPlace } from "./draft.ts";
import { startEndpoint } from "./endpoint/server.ts";
import type { EventSources } from "./eventSources/eventSources.ts";
import { AsynchronousInvocations } from "./functions/asynchronous.ts";
import { Capacity } from "./functions/capacity.ts";
import { deliverFailedEvent } from "./functions/failedEvent.ts";
import { type FunctionArgs, LambdaFunction } from "./functions/function.ts";
import { Scheduler } from "./functions/scheduler.ts";
import { type Chaos, chaosOf } from "./gateway/chaos.ts";
import type { Lifetimes } from "./gateway/connection.ts";
import { ApiServer } from "./gateway/server.ts";
import type { HttpApis } from "./httpApi/server.ts";
import { type LocalIssuer, startIssuer } from "./identity/issuer.ts";
import { answerOperator, OPERATOR_PATH } from "./identity/operator.ts";
import { tablesLost } from "./losses.ts";
import type { Reporter } from "./report.ts";
import { invokeTargets } from "./schedules/invokeTargets.ts";
import { scheduledEvent } from "./schedules/scheduledEvent.ts";
import { DynamoDbThread } from "./store/client.ts";
import type { TableDefinition } from "./store/tables.ts";

export interface CloudOptions {
  region: string;
  /** The program's folder. */
  programFolder: string;
  /** Folder that paths of assets are relative to. @default the program's folder */
  assetFolder?: string;
  /** Port of the first API; 0 picks any free port. */
  port: number;
  report: Reporter;
  lifetimes: Lifetimes;
  /** Folder in which the tables are stored. @default none: they are in memory */
  data?: string;
  /** Seed of random delays. @default none */
  chaos?: number;
  /**
   * The clock for schedules, for the age and retries of asynchronous events, and for queues' visibility timeouts.
   *
   * @default the system's clock
   */
  clock?: Clock;
}

export class Cloud extends Definitions implements DraftPlace {
  readonly accountId = "000000000000";
  readonly region: string;
  readonly programFolder: string;
  readonly assetFolder: string;
  readonly report: Reporter;
  readonly access: Access;
  readonly store: DynamoDbThread;
  readonly clock: Clock;
  readonly asynchronous: AsynchronousInvocations;
  /** True until the program's first run has ended. */
  starting = true;
  readonly #servers = new Set<ApiServer>();
  readonly #serverOfApi = new Map<string, ApiServer>();
  readonly #scheduler = new Scheduler();
  readonly #capacity = new Capacity(() => this.#scheduler.run());
  readonly #chaos: Chaos;
  readonly #options: CloudOptions;
  #issuer: LocalIssuer | undefined;
  /** Loaded when a program first needs it, like `#httpServers`. */
  #eventSources: EventSources | undefined;
  #httpServers: HttpApis | undefined;
  #endpoint: { url: string; close(): void } | undefined;

  private constructor(options: CloudOptions) {
    super();
    this.#options = options;
    this.region = options.region;
    this.programFolder = options.programFolder;
    this.assetFolder = options.assetFolder ?? options.programFolder;
    this.report = options.report;
    this.access = new Access(options.report, this.accountId, options.region, this.roles);
    this.store = new DynamoDbThread({
      region: options.region,
      accountId: this.accountId,
      onRecord: (table, record) => this.#eventSources?.take(table, record),
      ...(options.data === undefined ? {} : { path: options.data }),
    });
    this.clock = options.clock ?? systemClock;
    this.asynchronous = new AsynchronousInvocations(this.clock, this.report, (event) =>
      deliverFailedEvent(event, this),
    );
    this.#chaos = chaosOf(options.chaos);
  }

  /** @throws Error with the code EADDRINUSE when the port is taken */
  static async start(options: CloudOptions): Promise<Cloud> {
    const cloud = new Cloud(options);
    cloud.#servers.add(await cloud.#listen(options.port));
    cloud.#issuer = await startIssuer(cloud.issuerUrl);
    cloud.#endpoint = await startEndpoint({
      access: cloud.access,
      report: cloud.report,
      store: cloud.store,
      functions: cloud.functions,
      asynchronous: cloud.asynchronous,
      queues: cloud.queues,
      topics: cloud.topics,
      buckets: cloud.buckets,
      rules: cloud.rules,
      eventBuses: cloud.eventBuses,
      accountId: cloud.accountId,
      region: cloud.region,
      arnOf: (service, resource) => cloud.arnOf(service, resource),
    });
    return cloud;
  }

  /** URL of the local OIDC issuer, on the port of the first API. */
  get issuerUrl(): string {
    return `http://${[...this.#servers][0]?.host}`;
  }

  /** URL where functions reach DynamoDB and the other services. */
  get endpointUrl(): string {
    return this.#endpoint?.url ?? "";
  }

  arnOf(service: string, resource: string): string {
    return `arn:aws:${service}:${this.region}:${this.accountId}:${resource}`;
  }

  /**
   * Reserves a server for a WebSocket API and returns its host, such as `127.0.0.1:4510`. The first server listens on
   * the configured port.
   */
  async hostOf(apiId: string): Promise<string> {
    const known = this.#serverOfApi.get(apiId);
    if (known !== undefined) return known.host;
    const taken = new Set(this.#serverOfApi.values());
    const server = [...this.#servers].find((candidate) => !taken.has(candidate)) ?? (await this.#listen(0));
    this.#servers.add(server);
    this.#serverOfApi.set(apiId, server);
    return server.host;
  }

  /** Reserves a server for an HTTP API or a REST API and returns its host, such as `127.0.0.1:40123`. */
  async httpHostOf(apiId: string): Promise<string> {
    if (this.#httpServers === undefined) {
      const { HttpApis } = await import("./httpApi/server.ts");
      // Another call may have created it during the import.
      this.#httpServers ??= new HttpApis(this);
    }
    return this.#httpServers.hostOf(apiId);
  }

  /** Creates the draft for one run of the program. */
  draft(report = this.report): Draft {
    return new Draft(this, report);
  }

  /** Serves a draft's definitions in place of the previous ones. Connections stay. */
  async apply(draft: Draft): Promise<void> {
    for (const name of tablesLost(this, draft)) await this.store.deleteTable(name);
    for (const table of draft.tables.values()) {
      if (!isDeepStrictEqual(table, this.tables.get(table.TableName))) await this.store.updateTable(table);
    }
    applyDraft(draft, this, (rule) =>
      rule.start(this.clock, (scheduledAt) => invokeTargets(rule, scheduledEvent(rule, scheduledAt, this), this)),
    );
    for (const [id, server] of this.#serverOfApi) server.serve(this.apis.get(id));
    this.#httpServers?.serve(this.httpApis);
    await this.#serveEventSources();
    this.starting = false;
  }

  async #serveEventSources(): Promise<void> {
    if (this.eventSources.size > 0 && this.#eventSources === undefined) {
      const { EventSources } = await import("./eventSources/eventSources.ts");
      this.#eventSources = new EventSources(this);
    }
    this.#eventSources?.serve(this.eventSources);
  }

  newFunction(args: FunctionArgs): LambdaFunction {
    const { logGroup } = args.settings;
    return new LambdaFunction(args, {
      access: this.access,
      capacity: this.#capacity,
      scheduler: this.#scheduler,
      report: this.report,
      region: this.region,
      endpoint: this.endpointUrl,
      logGroupArn: this.arnOf("logs", `log-group:${logGroup}`),
      logGroupExists: () => this.logGroups.has(logGroup),
      makeLogGroup: () => this.logGroups.add(logGroup),
      apiHosts: () => [...this.#servers].map(({ host }) => host),
      sdkFrom: [join(resolve(this.programFolder), "package.json"), import.meta.filename],
    });
  }

  async newTable(definition: TableDefinition): Promise<boolean> {
    return !this.tables.has(definition.TableName) && (await this.store.createTable(definition));
  }

  /** Deletes the tables that a draft has already created. */
  async discard(draft: Draft): Promise<void> {
    for (const name of draft.madeTables) await this.store.deleteTable(name);
  }

  /** Empties all tables. */
  async clearTables(): Promise<void> {
    for (const table of this.tables.values()) {
      await this.store.deleteTable(table.TableName);
      await this.store.createTable(table);
    }
  }

  /** Stops schedules, then closes connections, then stops functions, and last the services that they call. */
  async stop(): Promise<void> {
    for (const rule of this.rules.values()) rule.end();
    this.#eventSources?.end();
    this.#httpServers?.close();
    await Promise.all([...this.#servers].map((server) => server.close()));
    this.asynchronous.end();
    await Promise.all([...this.functions.values()].map((lambda) => lambda.end()));
    this.#endpoint?.close();
    await this.store.close();
  }

  #listen(port: number): Promise<ApiServer> {
    const operator = answerOperator(this);
    return ApiServer.listen(this, port, {
      chaos: this.#chaos,
      lifetimes: this.#options.lifetimes,
      wellKnown: (request, response) => {
        if (request.url === OPERATOR_PATH) operator(request, response);
        else if (this.#issuer !== undefined) this.#issuer.handle(request, response);
        else response.writeHead(503).end();
      },
    });
  }
}
