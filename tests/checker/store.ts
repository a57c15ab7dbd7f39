/** The tables of one run: the local cloud's DynamoDB, called in this process and empty at the start. */
import { type Answer, DynamoDb } from "../../local/store/dynamodb.ts";

export type TableDefinition = Parameters<DynamoDb["createTable"]>[0];

/** An item in DynamoDB's JSON. */
export type Item = Record<string, AttributeValue>;
export type AttributeValue = {
  S?: string;
  N?: string;
  BOOL?: boolean;
  NULL?: true;
  M?: Item;
  L?: AttributeValue[];
};

export class Store {
  readonly #dynamodb = new DynamoDb();

  static async open(tables: TableDefinition[]): Promise<Store> {
    const store = new Store();
    for (const table of tables) await store.#dynamodb.createTable(table);
    return store;
  }

  async call(operation: string, body: string): Promise<Answer> {
    const answer = await this.#dynamodb.call(operation, body);
    return operation === "BatchGetItem" ? inOrder(answer) : answer;
  }

  /** Deletes expired items, as DynamoDB does with some delay. */
  sweep(now: number): Promise<void> {
    return this.#dynamodb.sweep(now);
  }

  async items(table: string): Promise<Item[]> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const { body } = await this.call("Scan", JSON.stringify({ TableName: table, ExclusiveStartKey: start }));
      const page = JSON.parse(body) as { Items: Item[]; LastEvaluatedKey?: Item };
      items.push(...page.Items);
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return items;
  }

  close(): Promise<void> {
    return this.#dynamodb.close();
  }
}

/** Sorts a batch's items, because they come in any order, as on AWS, and a seed must repeat its run exactly. */
function inOrder({ status, body }: Answer): Answer {
  const { Responses = {}, ...rest } = JSON.parse(body) as { Responses?: Record<string, Item[]> };
  for (const items of Object.values(Responses)) items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return { status, body: JSON.stringify({ ...rest, ...(status === 200 ? { Responses } : {}) }) };
}

/** Converts an attribute to a JavaScript value. */
export function valueIn(attribute: AttributeValue | undefined): unknown {
  if (attribute === undefined || attribute.NULL) return undefined;
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.L !== undefined) return attribute.L.map(valueIn);
  return plain(attribute.M ?? {});
}

export function plain(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueIn(value)]));
}
