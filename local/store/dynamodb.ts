/**
 * DynamoDB in this process: dynalite without its HTTP server, with what it lacks of what tables here rely on, the TTL
 * sweep and `ReturnValuesOnConditionCheckFailure`.
 */
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const require = createRequire(import.meta.url);

export interface Answer {
  status: number;
  body: string;
}

export interface TableIndex {
  IndexName: string;
  KeySchema: { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
  Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
}

export interface TableDefinition {
  TableName: string;
  KeySchema: { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  GlobalSecondaryIndexes?: TableIndex[];
  ttlAttribute?: string;
}

type Callback<T> = (error: AwsError | null, data: T) => void;
type Item = Record<string, unknown>;
type Action = (store: unknown, data: Item, done: Callback<Item>) => void;

interface AwsError extends Error {
  statusCode?: number;
  body?: Item;
}

/** What is known of DynamoDB's own operations; `DescribeTimeToLive` beside them. */
export const OPERATIONS: ReadonlySet<string> = new Set([
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
]);

/** AWS promises deletion within days; here it is a minute, and readers must filter either way. */
const SWEEP_EVERY_MS = 60_000;

export class DynamoDb {
  readonly #store: { options: object; db: { close(done: (error: unknown) => void): void } };
  readonly #ttl = new Map<string, string>();
  readonly #sweeper: NodeJS.Timeout;
  #changing: Promise<void> | undefined;

  /** @param path folder of the data; in memory without one */
  constructor(path?: string) {
    const database = require("dynalite/db/index.js");
    returnItemsOfFailedConditions(database);
    this.#store = database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...(path ? { path } : {}) });
    this.#sweeper = setInterval(() => void this.sweep(Date.now()), SWEEP_EVERY_MS);
    this.#sweeper.unref();
  }

  /** Answers one call as DynamoDB's endpoint does. */
  async call(operation: string, body: string): Promise<Answer> {
    await this.#changing;
    try {
      return { status: 200, body: JSON.stringify(await this.#run(operation, JSON.parse(body))) };
    } catch (error) {
      const { statusCode, body: fault } = error as AwsError;
      if (statusCode === undefined) throw error;
      return { status: statusCode, body: JSON.stringify(fault) };
    }
  }

  /**
   * Makes a table, or takes the one that an earlier run left.
   *
   * @returns whether it was made
   * @throws Error when that one has other keys
   */
  async createTable({ ttlAttribute, ...definition }: TableDefinition): Promise<boolean> {
    if (ttlAttribute !== undefined) this.#ttl.set(definition.TableName, ttlAttribute);
    const known = await this.#run("DescribeTable", { TableName: definition.TableName }).catch(() => undefined);
    if (known !== undefined) {
      const { KeySchema } = known.Table as TableDefinition;
      if (JSON.stringify(KeySchema) === JSON.stringify(definition.KeySchema)) return false;
      throw new Error(
        `the table ${definition.TableName} of an earlier run has other keys (${JSON.stringify(KeySchema)}): ` +
          "a key cannot be changed in place; copy its items into a table of another name, or start with an empty folder",
      );
    }
    await this.#run("CreateTable", { BillingMode: "PAY_PER_REQUEST", ...definition });
    await this.#whenActive(definition.TableName);
    return true;
  }

  /** Makes the table if it isn't there; else changes its indexes and its TTL, and leaves its items as they are. */
  async updateTable(definition: TableDefinition): Promise<void> {
    const { TableName, ttlAttribute } = definition;
    if (ttlAttribute === undefined) this.#ttl.delete(TableName);
    if (await this.createTable(definition)) return;
    const { Table } = await this.#run("DescribeTable", { TableName });
    if (isDeepStrictEqual(indexesOf(Table as TableDefinition), indexesOf(definition))) return;
    // Callers wait: in between, the table isn't there.
    this.#changing = this.#recreate(definition);
    await this.#changing;
  }

  async #recreate(definition: TableDefinition): Promise<void> {
    const { TableName } = definition;
    const items: Item[] = [];
    let page: Item = {};
    do {
      page = await this.#run("Scan", {
        TableName,
        ...(page.LastEvaluatedKey ? { ExclusiveStartKey: page.LastEvaluatedKey } : {}),
      });
      items.push(...(page.Items as Item[]));
    } while (page.LastEvaluatedKey);
    await this.deleteTable(TableName);
    await this.createTable(definition);
    for (const Item of items) await this.#run("PutItem", { TableName, Item });
  }

  /** A table that isn't there is no error. */
  async deleteTable(TableName: string): Promise<void> {
    this.#ttl.delete(TableName);
    const isThere = () =>
      this.#run("DescribeTable", { TableName }).then(
        () => true,
        () => false,
      );
    if (!(await isThere())) return;
    await this.#run("DeleteTable", { TableName });
    while (await isThere()) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async #whenActive(TableName: string): Promise<void> {
    while (((await this.#run("DescribeTable", { TableName })).Table as Item).TableStatus !== "ACTIVE") {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async #describeTimeToLive(TableName: string): Promise<Item> {
    await this.#run("DescribeTable", { TableName });
    const AttributeName = this.#ttl.get(TableName);
    const TimeToLiveDescription =
      AttributeName === undefined ? { TimeToLiveStatus: "DISABLED" } : { TimeToLiveStatus: "ENABLED", AttributeName };
    return { TimeToLiveDescription };
  }

  /** Deletes what expired before now, as DynamoDB does in the background. */
  async sweep(now: number): Promise<void> {
    for (const [TableName, attribute] of this.#ttl) {
      const { KeySchema } = (await this.#run("DescribeTable", { TableName })).Table as TableDefinition;
      const expired = {
        ExpressionAttributeNames: { "#ttl": attribute },
        ExpressionAttributeValues: { ":now": { N: String(Math.floor(now / 1000)) } },
      };
      let page: Item = {};
      do {
        page = await this.#run("Scan", {
          TableName,
          FilterExpression: "#ttl < :now",
          ...expired,
          ...(page.LastEvaluatedKey ? { ExclusiveStartKey: page.LastEvaluatedKey } : {}),
        });
        for (const item of page.Items as Item[]) {
          const Key = Object.fromEntries(KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]));
          const deletion = { TableName, Key, ConditionExpression: "#ttl < :now", ...expired };
          await this.#run("DeleteItem", deletion).catch(ignoreRenewed);
        }
      } while (page.LastEvaluatedKey);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await new Promise((resolve) => this.#store.db.close(resolve));
  }

  #run(operation: string, data: Item): Promise<Item> {
    if (operation === "DescribeTimeToLive") return this.#describeTimeToLive(String(data.TableName));
    if (!OPERATIONS.has(operation)) {
      return Promise.reject(
        Object.assign(new Error(operation), {
          statusCode: 400,
          body: {
            __type: "com.amazon.coral.service#UnknownOperationException",
            message: `the local cloud's DynamoDB does not know ${operation}`,
          },
        }),
      );
    }
    const run = operationNamed(operation);
    return new Promise((resolve, reject) =>
      run(this.#store, data, (error, result) => (error ? reject(error) : resolve(result))),
    );
  }
}

const loaded = new Map<string, Action>();

/** What dynalite does for an operation, its checks first. Loaded when it is first called, and looked up but once. */
function operationNamed(operation: string): Action {
  const known = loaded.get(operation);
  if (known !== undefined) return known;
  const file = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}.js`;
  const validations = require("dynalite/validations/index.js");
  const { types, custom } = require(`dynalite/validations/${file}`);
  const action: Action = require(`dynalite/actions/${file}`);
  const checkedFirst: Action = (store, data, done) => {
    // The check takes out what dynalite does not know.
    const { ReturnValuesOnConditionCheckFailure } = data;
    const checked = validations.checkTypes(data, types);
    validations.checkValidations(checked, types, custom, store);
    action(store, { ...checked, ReturnValuesOnConditionCheckFailure }, done);
  };
  loaded.set(operation, checkedFirst);
  return checkedFirst;
}

/** What makes one table's indexes another's, whatever their order. */
function indexesOf({ GlobalSecondaryIndexes = [] }: TableDefinition) {
  return new Map(
    GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => [IndexName, { KeySchema, Projection }]),
  );
}

function ignoreRenewed(error: AwsError): void {
  if (!String(error.body?.__type).endsWith("ConditionalCheckFailedException")) throw error;
}

/** dynalite looks `checkConditional` up at each call, under the lock of the item: the place to add the item that failed. */
function returnItemsOfFailedConditions(database: { checkConditional: Check & { extended?: true } }): void {
  const check = database.checkConditional;
  if (check.extended) return;
  const extended: Check = (data, item) => {
    const failure = check(data, item);
    if (failure != null && item !== undefined && data.ReturnValuesOnConditionCheckFailure === "ALL_OLD") {
      failure.body = { ...failure.body, Item: item };
    }
    return failure;
  };
  database.checkConditional = Object.assign(extended, { extended: true as const });
}

type Check = (data: Item, item: Item | undefined) => AwsError | null | undefined;
