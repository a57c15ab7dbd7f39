/**
 * The definitions made by one run of the program. They take effect as a whole once the run succeeds; until then, and if
 * it fails, the previous ones are served.
 */
import type { Access } from "./access.ts";
import type { Clock } from "./clock.ts";
import { Definitions } from "./definitions.ts";
import type { FunctionArgs, LambdaFunction } from "./functions/function.ts";
import { ApiDefinition } from "./gateway/definition.ts";
import type { Queue } from "./queues/queue.ts";
import type { Reporter } from "./report.ts";
import type { TableDefinition } from "./store/tables.ts";

/** The cloud that a draft is made for. */
export interface DraftPlace {
  readonly accountId: string;
  readonly region: string;
  /** Folder that paths of assets are relative to. */
  readonly assetFolder: string;
  readonly access: Access;
  readonly clock: Clock;
  /** Queues being served, by ARN. */
  readonly queues: ReadonlyMap<string, Queue>;
  arnOf(service: string, resource: string): string;
  newFunction(args: FunctionArgs): LambdaFunction;
  /**
   * Creates a table if it doesn't exist.
   *
   * @returns whether it was created
   * @throws Error if an earlier run left a table of this name with different keys
   */
  newTable(definition: TableDefinition): Promise<boolean>;
}

export class Draft extends Definitions {
  readonly report: Reporter;
  /** Names of the tables that were created for this draft. */
  readonly madeTables: string[] = [];
  readonly #place: DraftPlace;
  readonly #warned = new Set<string>();

  /** @param report receives warnings about approximated or missing features */
  constructor(place: DraftPlace, report: Reporter) {
    super();
    this.#place = place;
    this.report = report;
  }

  get accountId(): string {
    return this.#place.accountId;
  }

  get region(): string {
    return this.#place.region;
  }

  get assetFolder(): string {
    return this.#place.assetFolder;
  }

  get access(): Access {
    return this.#place.access;
  }

  get clock(): Clock {
    return this.#place.clock;
  }

  /** Finds a queue among those served at the time of the call: this draft's queues, once it has taken effect. */
  liveQueue(arn: string): Queue | undefined {
    return this.#place.queues.get(arn);
  }

  /** Warns about an approximated or missing feature, once per run. */
  warnOnce(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.report({ event: "warning", message });
  }

  arnOf(service: string, resource: string): string {
    return this.#place.arnOf(service, resource);
  }

  addApi(id: string, name: string, routeSelectionExpression: string): ApiDefinition {
    const api = new ApiDefinition(id, name, routeSelectionExpression);
    this.apis.set(id, api);
    return api;
  }

  addFunction(args: FunctionArgs): void {
    this.functions.set(args.settings.name, this.#place.newFunction(args));
  }

  async addTable(definition: TableDefinition): Promise<void> {
    this.tables.set(definition.TableName, definition);
    if (await this.#place.newTable(definition)) this.madeTables.push(definition.TableName);
  }
}
