/** dynalite's operations without its HTTP server, with hooks for features that it lacks. */
import { createRequire } from "node:module";
import { type AwsError, awsError } from "./awsError.ts";

const require = createRequire(import.meta.url);

export type Item = Record<string, unknown>;

/** Receives each write to an item while the item is locked. */
export type ChangeListener = (tableName: string, before: Item | undefined, after: Item | undefined) => void;

/** An operation with checked parameters. */
type Prepared = () => Promise<Item>;

type Callback<T> = (error: AwsError | null, data: T) => void;
type Action = (store: Store, data: Item, done: Callback<Item>) => void;
type Check = (data: Item, item: Item | undefined) => AwsError | null | undefined;
type UpdateIndexes = (
  store: Store,
  table: { TableName: string },
  before: Item | undefined,
  after: Item | null,
  done: (error?: unknown) => void,
) => void;

interface Store {
  options: { onChange: ChangeListener };
  db: { close(done: (error: unknown) => void): void };
  tableDb: { awsRegion: string; awsAccountId: string };
}

interface TableKeys {
  KeySchema: { AttributeName: string }[];
  IndexName: string;
}

interface Database {
  create(options: object): Store;
  checkConditional: Check;
  updateIndexes: UpdateIndexes;
  validateItem(item: Record<string, Item>, table: Record<string, TableKeys[] | undefined>): AwsError | null | undefined;
  extended?: true;
}

export interface DynaliteOptions {
  /** Folder in which the tables are stored. @default none: they are in memory */
  path?: string;
  /** Region and account in the ARNs of tables. */
  region: string;
  accountId: string;
  onChange: ChangeListener;
}

export class Dynalite {
  readonly #store: Store;

  constructor({ path, region, accountId, onChange }: DynaliteOptions) {
    const database: Database = require("dynalite/db/index.js");
    extend(database);
    this.#store = database.create({
      createTableMs: 0,
      deleteTableMs: 0,
      updateTableMs: 0,
      onChange,
      ...(path === undefined ? {} : { path }),
    });
    Object.assign(this.#store.tableDb, { awsRegion: region, awsAccountId: accountId });
  }

  run(operation: string, data: Item): Promise<Item> {
    try {
      return this.prepare(operation, data)();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Checks an operation's parameters. The operation runs when the returned function is called.
   *
   * @throws AwsError saying what is wrong with the parameters
   */
  prepare(operation: string, data: Item): Prepared {
    const { types, custom, action } = partsOf(operation);
    const validations = require("dynalite/validations/index.js");
    // Read before the check, which removes parameters that dynalite doesn't know.
    const { ReturnValuesOnConditionCheckFailure } = data;
    const checked = validations.checkTypes(data, types);
    validations.checkValidations(checked, types, custom, this.#store);
    return () =>
      new Promise((resolve, reject) =>
        action(this.#store, { ...checked, ReturnValuesOnConditionCheckFailure }, (error, result) =>
          error ? reject(error) : resolve(result),
        ),
      );
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#store.db.close(() => resolve()));
  }
}

interface Parts {
  types: object;
  custom: unknown;
  action: Action;
}

const loaded = new Map<string, Parts>();

/** Finds the parts of an operation, which are loaded on first use and looked up only once. */
function partsOf(operation: string): Parts {
  const known = loaded.get(operation);
  if (known !== undefined) return known;
  const file = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}.js`;
  const { types, custom } = require(`dynalite/validations/${file}`);
  const parts = { types, custom, action: require(`dynalite/actions/${file}`) };
  loaded.set(operation, parts);
  return parts;
}

/** Adds hooks to functions that dynalite looks up on each call. All but `validateItem` run while the item is locked. */
function extend(database: Database): void {
  if (database.extended) return;
  const { checkConditional, updateIndexes, validateItem } = database;
  database.validateItem = (item, table) => validateItem(item, table) ?? emptyIndexKey(item, table);
  database.checkConditional = (data, item) => {
    const failure = checkConditional(data, item);
    if (failure != null && item !== undefined && data.ReturnValuesOnConditionCheckFailure === "ALL_OLD") {
      failure.body = { ...failure.body, Item: item };
    }
    return failure;
  };
  database.updateIndexes = (store, table, before, after, done) => {
    updateIndexes(store, table, before, after, (error) => {
      if (!error) store.options.onChange(table.TableName, before, after ?? undefined);
      done(error);
    });
  };
  database.extended = true;
}

/** DynamoDB's error for an item with an empty index key, which dynalite accepts; undefined for any other item. */
function emptyIndexKey(
  item: Record<string, Item>,
  { GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] }: Record<string, TableKeys[] | undefined>,
): AwsError | undefined {
  for (const { IndexName, KeySchema } of [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes]) {
    for (const { AttributeName } of KeySchema) {
      const { S, B } = (Object.hasOwn(item, AttributeName) ? item[AttributeName] : undefined) ?? {};
      if (S !== "" && B !== "") continue;
      return awsError(
        "ValidationException",
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. " +
          `The AttributeValue for a key attribute cannot contain an empty ${S === "" ? "string" : "binary"} value. ` +
          `IndexName: ${IndexName}, IndexKey: ${AttributeName}`,
      );
    }
  }
  return undefined;
}
