/**
 * DynamoDB in this process: dynalite, with the features that it lacks, such as the TTL sweep, transactions, streams and
 * `ReturnValuesOnConditionCheckFailure`.
 */
import { type AwsError, awsError } from "./awsError.ts";
import { Dynalite, type Item } from "./dynalite.ts";
import { Expiry } from "./expiry.ts";
import { Gate } from "./gate.ts";
import type { PartiQl } from "./partiql/partiql.ts";
import { type RecordListener, Streams } from "./streams.ts";
import { type TableDefinition, Tables } from "./tables.ts";
import { describeTimeToLive, type TimeToLive, updateTimeToLive } from "./timeToLive.ts";
import { Transactions } from "./transactions.ts";

export interface Answer {
  status: number;
  body: string;
}

export interface StoreOptions {
  /** Folder in which the tables are stored. @default none: they are in memory */
  path?: string;
  region?: string;
  accountId?: string;
  /** Receives the stream records of tables. */
  onRecord?: RecordListener;
}

type Operation = (data: Item) => Promise<Item>;

/** Operations that dynalite supports. */
const DYNALITE_OPERATIONS = [
  "BatchGetItem",
  "BatchWriteItem",
  "DeleteItem",
  "GetItem",
  "ListTables",
  "ListTagsOfResource",
  "PutItem",
  "Query",
  "Scan",
  "TagResource",
  "UntagResource",
  "UpdateItem",
];

/** PartiQL operations, whose code is loaded on first use. */
const PARTIQL_OPERATIONS = ["BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"] as const;

/** Operations that extend dynalite's or that dynalite lacks. */
const OWN_OPERATIONS = [
  "CreateTable",
  "DeleteTable",
  "DescribeContinuousBackups",
  "DescribeTable",
  "DescribeTimeToLive",
  "TransactGetItems",
  "TransactWriteItems",
  "UpdateTimeToLive",
] as const;

export const OPERATIONS: ReadonlySet<string> = new Set([
  ...DYNALITE_OPERATIONS,
  ...PARTIQL_OPERATIONS,
  ...OWN_OPERATIONS,
]);

export class DynamoDb {
  readonly #dynalite: Dynalite;
  readonly #gate = new Gate();
  readonly #streams: Streams;
  readonly #ttl: TimeToLive = new Map();
  readonly #own: ReadonlyMap<string, Operation>;
  readonly #tables: Tables;
  readonly #expiry: Expiry;

  constructor({ path, region = "us-east-1", accountId = "000000000000", onRecord = () => {} }: StoreOptions = {}) {
    this.#streams = new Streams(onRecord);
    this.#dynalite = new Dynalite({
      ...(path === undefined ? {} : { path }),
      region,
      accountId,
      onChange: (table, before, after) => this.#streams.changed(table, before, after),
    });
    const parts = { dynalite: this.#dynalite, gate: this.#gate, streams: this.#streams, ttl: this.#ttl };
    this.#tables = new Tables(parts);
    this.#expiry = new Expiry(parts);
    const transactions = new Transactions(this.#dynalite);
    let loaded: Promise<PartiQl> | undefined;
    const partiQl = () => {
      loaded ??= import("./partiql/partiql.ts").then((module) => new module.PartiQl(this.#dynalite, transactions));
      return loaded;
    };
    const own: Record<(typeof OWN_OPERATIONS | typeof PARTIQL_OPERATIONS)[number], Operation> = {
      BatchExecuteStatement: async (data) => (await partiQl()).batchExecuteStatement(data),
      ExecuteStatement: async (data) => (await partiQl()).executeStatement(data),
      ExecuteTransaction: async (data) => {
        const statements = await partiQl();
        return this.#streams.asOne(() => statements.executeTransaction(data));
      },
      CreateTable: (data) => this.#tables.create(data),
      DeleteTable: (data) => this.#tables.delete(data),
      DescribeTable: (data) => this.#tables.describe(data),
      DescribeContinuousBackups: (data) => this.#ofTable(data, () => CONTINUOUS_BACKUPS),
      DescribeTimeToLive: (data) => this.#ofTable(data, (name) => describeTimeToLive(this.#ttl, name)),
      UpdateTimeToLive: (data) => this.#ofTable(data, (name) => updateTimeToLive(this.#ttl, name, data)),
      TransactGetItems: (data) => transactions.get(data),
      TransactWriteItems: (data) => this.#streams.asOne(() => transactions.write(data)),
    };
    this.#own = new Map(Object.entries(own));
  }

  /** Answers one call as DynamoDB's endpoint does. */
  async call(operation: string, body: string): Promise<Answer> {
    const run = async () => this.#run(operation, JSON.parse(body));
    try {
      const isTransaction = operation.startsWith("Transact") || operation === "ExecuteTransaction";
      const result = await (isTransaction ? this.#gate.alone(run) : this.#gate.pass(run));
      // dynalite returns no object for operations without a result.
      return { status: 200, body: JSON.stringify(result || {}) };
    } catch (error) {
      const { statusCode, body: fault } = error as AwsError;
      if (statusCode === undefined) throw error;
      return { status: statusCode, body: JSON.stringify(fault) };
    }
  }

  /**
   * Creates a table, or uses the one that an earlier run left.
   *
   * @returns whether it was created
   * @throws Error if the existing table has different keys
   */
  createTable(definition: TableDefinition): Promise<boolean> {
    return this.#tables.define(definition);
  }

  /** Creates the table if it doesn't exist. Otherwise changes its indexes and its TTL and keeps its items. */
  updateTable(definition: TableDefinition): Promise<void> {
    return this.#tables.redefine(definition);
  }

  /** Deletes a table. A missing table isn't an error. */
  deleteTable(tableName: string): Promise<void> {
    return this.#tables.remove(tableName);
  }

  /**
   * Deletes expired items, as DynamoDB does in the background.
   *
   * @param now milliseconds since 1970
   */
  sweep(now: number): Promise<void> {
    return this.#expiry.sweep(now);
  }

  async close(): Promise<void> {
    this.#expiry.end();
    await this.#dynalite.close();
  }

  async #run(operation: string, data: Item): Promise<Item> {
    const own = this.#own.get(operation);
    if (own !== undefined) return own(data);
    if (OPERATIONS.has(operation)) return this.#dynalite.run(operation, data);
    throw awsError("UnknownOperationException", `the local cloud's DynamoDB does not know ${operation}`);
  }

  /** @throws AwsError if there is no such table */
  async #ofTable(data: Item, answer: (tableName: string) => Item): Promise<Item> {
    await this.#dynalite.run("DescribeTable", { TableName: data.TableName });
    return answer(String(data.TableName));
  }
}

/**
 * The answer for every table: the local cloud has no backups, so each looks like one on AWS without point-in-time
 * recovery.
 */
const CONTINUOUS_BACKUPS = {
  ContinuousBackupsDescription: {
    ContinuousBackupsStatus: "ENABLED",
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" },
  },
};
