/** Acts as the operator of a local cloud, who reads and writes its tables directly and invokes its functions. */
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { BatchWriteCommand, DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type Operator as Keys, OPERATOR_PATH } from "../../local/identity/operator.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a row
export type Row = Record<string, any>;

type Key = { pk: string; sk: string | number };

export type Write = { PutRequest: { Item: Row } } | { DeleteRequest: { Key: Key } };

export function keyOf({ pk, sk }: Row): Key {
  return { pk, sk };
}

export class Operator {
  readonly #dynamodb: DynamoDBDocumentClient;
  readonly #lambda: LambdaClient;
  readonly #functions: string[];
  readonly #tables: string[];

  private constructor(dynamodb: DynamoDBDocumentClient, lambda: LambdaClient, functions: string[], tables: string[]) {
    this.#dynamodb = dynamodb;
    this.#lambda = lambda;
    this.#functions = functions;
    this.#tables = tables;
  }

  /** @param url URL of the local cloud, such as `http://127.0.0.1:4510` */
  static async of(url: string): Promise<Operator> {
    const response = await fetch(`${url}${OPERATOR_PATH}`, { method: "POST" });
    const { endpoint, region, credentials, functions } = (await response.json()) as Keys;
    const client = new DynamoDBClient({ endpoint, region, credentials });
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    const lambda = new LambdaClient({ endpoint, region, credentials });
    return new Operator(DynamoDBDocumentClient.from(client), lambda, functions, TableNames);
  }

  /** All rows of a table. @param name the table's name in the program, such as `connections` */
  async rowsOf(name: string): Promise<Row[]> {
    const rows: Row[] = [];
    let start: Row | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.#dynamodb.send(
        new ScanCommand({ TableName: theOne(this.#tables, name), ExclusiveStartKey: start, ConsistentRead: true }),
      );
      rows.push(...Items);
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return rows;
  }

  async write(name: string, writes: Write[]): Promise<void> {
    const table = theOne(this.#tables, name);
    const batches = Array.from({ length: Math.ceil(writes.length / 25) }, (_, i) => writes.slice(25 * i, 25 * (i + 1)));
    for (const batch of batches) {
      await this.#dynamodb.send(new BatchWriteCommand({ RequestItems: { [table]: batch } }));
    }
  }

  /** Runs a function to completion. @throws Error if it fails */
  async invoke(name: string): Promise<void> {
    const FunctionName = theOne(this.#functions, name);
    const { FunctionError, Payload } = await this.#lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" }));
    if (FunctionError !== undefined) throw new Error(`${FunctionName} failed: ${Payload?.transformToString()}`);
  }
}

/** Finds the resource whose name ends with `end`, its name in the program. */
function theOne(names: string[], end: string): string {
  const name = names.find((one) => one.endsWith(`-${end}`));
  if (name === undefined) throw new Error(`there is no ${end} among ${names.join(", ")}`);
  return name;
}
