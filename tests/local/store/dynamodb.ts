/** A store with one table `orders`, keyed by `id`, whose calls throw DynamoDB's errors. */
import { DynamoDb } from "../../../local/store/dynamodb.ts";
import type { StreamRecord } from "../../../local/store/streams.ts";

export class Refused extends Error {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: each error has its own fields
  readonly body: any;

  constructor(body: { __type: string; message: string }) {
    super(body.message);
    this.type = body.__type.split("#")[1] as string;
    this.body = body;
  }
}

export async function storeWithTable() {
  const records: StreamRecord[] = [];
  const store = new DynamoDb({
    region: "eu-central-1",
    accountId: "000000000000",
    onRecord: (_, record) => records.push(record),
  });
  await store.createTable({
    TableName: "orders",
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    streamViewType: "NEW_AND_OLD_IMAGES",
    tags: { team: "shop" },
  });
  // biome-ignore lint/suspicious/noExplicitAny: each operation has its own answer
  const call = async (operation: string, request: object): Promise<any> => {
    const { status, body } = await store.call(operation, JSON.stringify(request));
    if (status !== 200) throw new Refused(JSON.parse(body));
    return JSON.parse(body);
  };
  return { store, call, records };
}
