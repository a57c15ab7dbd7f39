/**
 * Runs PartiQL through DynamoDB's other operations.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
 */
import { isDeepStrictEqual } from "node:util";
import { type AwsError, awsError } from "../awsError.ts";
import type { Dynalite, Item } from "../dynalite.ts";
import type { Transactions } from "../transactions.ts";
import { allOf, type Condition } from "./conditions.ts";
import { parseStatement, type Statement } from "./parse.ts";
import { byPartition } from "./partition.ts";

interface StatementRequest {
  Statement?: unknown;
  Parameters?: unknown[];
}

const MAX_BATCH = 25;
const MAX_TRANSACTION = 100;

type Write = Exclude<Statement, { kind: "Select" }>;

export class PartiQl {
  readonly #dynalite: Dynalite;
  readonly #transactions: Transactions;

  constructor(dynalite: Dynalite, transactions: Transactions) {
    this.#dynalite = dynalite;
    this.#transactions = transactions;
  }

  async executeStatement(data: Item): Promise<Item> {
    const statement = parsed(data);
    if (statement.kind === "Exists") throw invalid("EXISTS is only supported in ExecuteTransaction");
    const capacity = data.ReturnConsumedCapacity ? { ReturnConsumedCapacity: data.ReturnConsumedCapacity } : {};
    if (statement.kind === "Select") return this.#select(statement, data, capacity);
    const { Attributes, ConsumedCapacity } = await this.#write(statement, capacity);
    return { Items: Attributes === undefined ? [] : [Attributes], ...(ConsumedCapacity ? { ConsumedCapacity } : {}) };
  }

  /** Runs each statement separately; each has its own answer. */
  async batchExecuteStatement({ Statements }: Item): Promise<Item> {
    const requests = listOf(Statements, MAX_BATCH, "statements");
    const statements = requests.map((request) => {
      try {
        return { request, statement: parsed(request) };
      } catch (error) {
        return { request, error };
      }
    });
    refuseMixed(statements.flatMap(({ statement }) => statement ?? []));
    const Responses: Item[] = [];
    for (const { request, statement, error } of statements) {
      try {
        if (statement === undefined) throw error;
        const item = await this.#one(statement, request);
        Responses.push({ TableName: statement.table, ...(item === undefined ? {} : { Item: item }) });
      } catch (failure) {
        Responses.push({ Error: errorOf(failure as AwsError), ...(statement ? { TableName: statement.table } : {}) });
      }
    }
    return { Responses };
  }

  async executeTransaction({ TransactStatements, ClientRequestToken, ReturnConsumedCapacity }: Item): Promise<Item> {
    const statements = listOf(TransactStatements, MAX_TRANSACTION, "transactStatements").map(parsed);
    refuseMixed(statements);
    const more = {
      ...(ClientRequestToken === undefined ? {} : { ClientRequestToken }),
      ...(ReturnConsumedCapacity === undefined ? {} : { ReturnConsumedCapacity }),
    };
    const TransactItems: Item[] = [];
    for (const statement of statements) TransactItems.push(await this.#transactItem(statement));
    if (statements[0]?.kind === "Select") return this.#transactions.get({ TransactItems, ...more });
    const { ConsumedCapacity } = await this.#transactions.write({ TransactItems, ...more });
    return { Responses: statements.map(() => ({})), ...(ConsumedCapacity ? { ConsumedCapacity } : {}) };
  }

  /** Runs one statement of a batch. Returns its item. */
  async #one(statement: Statement, request: StatementRequest): Promise<unknown> {
    if (statement.kind !== "Select") return (await this.#write(statement, {})).Attributes;
    const { key, rest } = await this.#keyOf(statement);
    if (key === undefined || rest.length > 0) {
      throw invalid("Select statements within BatchExecuteStatement must specify the primary key in the where clause.");
    }
    return ((await this.#select(statement, request as Item, {})).Items as unknown[])[0];
  }

  async #select(statement: Extract<Statement, { kind: "Select" }>, data: Item, capacity: Item): Promise<Item> {
    const { table: TableName, index, placeholders, where, projection, descending } = statement;
    const { Limit, NextToken, ConsistentRead } = data;
    const schema = await this.#schemaOf(TableName, index);
    const found = byPartition(statement, schema);
    if (found === undefined && descending !== undefined) {
      throw invalid("Must have WHERE clause in the statement when using ORDER BY clause.");
    }
    const { LastEvaluatedKey, Items, ConsumedCapacity } = await this.#dynalite.run(found ? "Query" : "Scan", {
      TableName,
      ...(index === undefined ? {} : { IndexName: index }),
      ...(Limit === undefined ? {} : { Limit }),
      ...(ConsistentRead === undefined ? {} : { ConsistentRead }),
      ...(NextToken === undefined ? {} : { ExclusiveStartKey: keyIn(NextToken) }),
      ...(descending === true ? { ScanIndexForward: false } : {}),
      ...capacity,
      ...placeholders.of({
        KeyConditionExpression: found && allOf(found.keys),
        FilterExpression: allOf(found?.rest ?? where),
        ProjectionExpression: projection,
      }),
    });
    return {
      Items,
      ...(LastEvaluatedKey ? { LastEvaluatedKey, NextToken: tokenOf(LastEvaluatedKey) } : {}),
      ...(ConsumedCapacity ? { ConsumedCapacity } : {}),
    };
  }

  async #write(statement: Statement, more: Item): Promise<Item> {
    const [[action, request] = ["", {}]] = Object.entries(await this.#transactItem(statement)) as [string, Item][];
    const { returns } = statement as { returns?: string };
    const ReturnValues = returns === undefined ? {} : { ReturnValues: returns };
    try {
      return await this.#dynalite.run(`${action}Item`, { ...request, ...ReturnValues, ...more });
    } catch (error) {
      if (statement.kind !== "Insert" || nameOf(error as AwsError) !== "ConditionalCheckFailedException") throw error;
      throw awsError("DuplicateItemException", "Duplicate primary key exists in table");
    }
  }

  /** The statement as an element of a transaction. */
  async #transactItem(statement: Statement): Promise<Item> {
    const { table: TableName, placeholders } = statement;
    const schema = await this.#schemaOf(TableName);
    const exists = `attribute_exists(${placeholders.path([schema[0] as string])})`;
    if (statement.kind === "Insert") {
      const ConditionExpression = exists.replace("_exists", "_not_exists");
      return { Put: { TableName, Item: statement.item, ...placeholders.of({ ConditionExpression }) } };
    }
    const { key: Key, rest } = await this.#keyOf(statement);
    if (Key === undefined) throw invalid("Where clause does not contain a mandatory equality on all key attributes");
    if (statement.kind === "Select") {
      const ProjectionExpression = statement.projection;
      if (rest.length > 0)
        throw invalid("Select statements within ExecuteTransaction must specify the primary key alone");
      return { Get: { TableName, Key, ...placeholders.of({ ProjectionExpression }) } };
    }
    return writeItem(statement, Key, rest, exists);
  }

  async #keyOf({ table, where }: Statement): Promise<{ key?: Item; rest: Condition[] }> {
    const schema = await this.#schemaOf(table);
    const found = schema.map((name) => where.find(({ attribute, operator }) => attribute === name && operator === "="));
    const rest = where.filter((condition) => !found.includes(condition));
    if (found.includes(undefined)) return { rest };
    return { key: Object.fromEntries(schema.map((name, i) => [name, found[i]?.values[0]])), rest };
  }

  /** Names of the key attributes, the partition key first. */
  async #schemaOf(TableName: string, index?: string): Promise<string[]> {
    const { Table } = (await this.#dynalite.run("DescribeTable", { TableName })) as { Table: Described };
    const { KeySchema, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = Table;
    const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes];
    const schema = index === undefined ? KeySchema : indexes.find(({ IndexName }) => IndexName === index)?.KeySchema;
    if (schema === undefined) throw invalid("The table does not have the specified index");
    return schema.map(({ AttributeName }) => AttributeName);
  }
}

interface Described {
  KeySchema: { AttributeName: string }[];
  GlobalSecondaryIndexes?: (Described & { IndexName: string })[];
  LocalSecondaryIndexes?: (Described & { IndexName: string })[];
}

function writeItem(statement: Exclude<Write, { kind: "Insert" }>, Key: Item, rest: Condition[], exists: string): Item {
  const { table: TableName, placeholders } = statement;
  const all = (first: string) => [first, ...rest.map(({ text }) => text)].filter((text) => text !== "").join(" AND ");
  switch (statement.kind) {
    case "Update": {
      const expressions = { UpdateExpression: statement.update, ConditionExpression: all(exists) };
      return { Update: { TableName, Key, ...placeholders.of(expressions) } };
    }
    case "Delete":
      // Deleting a missing item isn't an error.
      return { Delete: { TableName, Key, ...placeholders.of({ ConditionExpression: all("") }) } };
    case "Exists":
      return { ConditionCheck: { TableName, Key, ...placeholders.of({ ConditionExpression: all(exists) }) } };
  }
}

function parsed({ Statement, Parameters }: StatementRequest): Statement {
  if (typeof Statement === "string" && Statement !== "") return parseStatement(Statement, Parameters);
  throw invalid(
    "1 validation error detected: Value null at 'statement' failed to satisfy constraint: Member must not be null",
  );
}

function refuseMixed(statements: Statement[]): void {
  const reads = statements.filter(({ kind }) => kind === "Select").length;
  if (reads === 0 || reads === statements.length) return;
  throw invalid("Statements must be all reads or all writes");
}

function listOf(list: unknown, max: number, name: string): StatementRequest[] {
  if (Array.isArray(list) && list.length > 0 && list.length <= max) return list;
  throw invalid(
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length from 1 to ${max}`,
  );
}

/** The error of one statement of a batch. Most codes there omit the word Exception. */
function errorOf(error: AwsError): Item {
  if (error.body === undefined) throw error;
  const name = nameOf(error);
  const Code = name === "ValidationException" ? "ValidationError" : name.replace(/(Failed)?Exception$/, "$1");
  return { Code, Message: error.body.message };
}

function nameOf({ body }: AwsError): string {
  return String(body?.__type).split("#").at(-1) as string;
}

function tokenOf(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString("base64");
}

function keyIn(token: unknown): unknown {
  try {
    const key = JSON.parse(Buffer.from(String(token), "base64").toString("utf8"));
    if (isDeepStrictEqual(tokenOf(key), token)) return key;
  } catch {
    // The error below reports this.
  }
  throw invalid("Invalid NextToken");
}

function invalid(message: string): AwsError {
  return awsError("ValidationException", message);
}
