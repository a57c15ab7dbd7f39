/**
 * The messages table in this process: the real engine behind the real SDK client of chat/tables/client.ts. There is no
 * network between the two: a test passes the calls on, so that it can count write units and drop a call or its answer.
 */
import { createRequire } from "node:module";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { entryKey, entryOf, headKey, lastOfPartition } from "../../chat/log/rows.ts";
import type { Resource } from "../../chat/resource.ts";
import { dynamodb } from "../../chat/tables/client.ts";
import type { Row } from "../../chat/tables/conditionalWrite.ts";
import { type Answer, DynamoDb } from "../../local/store/dynamodb.ts";
import type { AuthoredEntry, Entry } from "../../protocol/entries.ts";

export const MESSAGES = "test-messages" as Resource<"BatchGetItem" | "GetItem" | "PutItem" | "Query" | "UpdateItem">;

/** The step of an append that a call performs, as named in docs/protocol.md ("The log"). */
export type Step = "position" | "claim" | "move" | "note" | "entry" | "void" | "erase" | "done" | "read";

export interface Call {
  step: Step;
  /** Write units; 0 for a read. */
  units: number;
}

/** Intercepts calls between the SDK and the engine. @param perform runs the call in the engine */
export type Between = (step: Step, perform: () => Promise<Answer>) => Promise<Answer>;

const DIRECT: Between = (_, perform) => perform();

export class LogTable {
  readonly #engine = new DynamoDb();
  /** Calls to the engine since the last reset, in order. */
  calls: Call[] = [];
  between: Between = DIRECT;

  static async start(): Promise<LogTable> {
    const table = new LogTable();
    await table.#engine.createTable({
      TableName: MESSAGES,
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "N" },
      ],
    });
    Object.assign(process.env, {
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
    const handle = async ({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) => {
      const operation = headers["x-amz-target"]?.split(".")[1] as string;
      const answer = await table.#answer(operation, JSON.parse(new TextDecoder().decode(body)));
      return { response: { statusCode: answer.status, headers: {}, body: Buffer.from(answer.body) } };
    };
    Object.assign(dynamodb.config, { requestHandler: { handle } });
    return table;
  }

  /** Clears the recorded calls and removes the interception. */
  reset(): void {
    this.calls = [];
    this.between = DIRECT;
  }

  stop(): Promise<void> {
    return this.#engine.close();
  }

  /** The rows of a room's log, including void ones, read from the table and not through the code under test. */
  async entriesOf(room: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    const head = await this.headOf(room);
    for (let seq = 0; seq <= head; seq = lastOfPartition(seq) + 1) {
      const KeyConditionExpression = "pk = :pk";
      const ExpressionAttributeValues = marshall({ ":pk": entryKey(room, seq).pk });
      const rows = await this.#all("Query", { KeyConditionExpression, ExpressionAttributeValues });
      entries.push(...rows.map(entryOf));
    }
    return entries;
  }

  /** The entries that the room's readers should see. */
  async visibleOf(room: string): Promise<AuthoredEntry[]> {
    return (await this.entriesOf(room)).filter((entry) => entry.kind !== "void");
  }

  /** The room's head, which is 0 if no position was claimed. */
  async headOf(room: string): Promise<number> {
    const { Item } = await this.#perform("GetItem", { TableName: MESSAGES, Key: marshall(headKey(room)) });
    return Item === undefined ? 0 : unmarshall(Item).head;
  }

  /** The whole table. */
  rows(): Promise<Row[]> {
    return this.#all("Scan", {});
  }

  async #all(operation: "Query" | "Scan", request: object): Promise<Row[]> {
    const rows: Row[] = [];
    let ExclusiveStartKey: unknown;
    do {
      const answer = await this.#perform(operation, { TableName: MESSAGES, ExclusiveStartKey, ...request });
      rows.push(...answer.Items.map((item: Parameters<typeof unmarshall>[0]) => unmarshall(item)));
      ExclusiveStartKey = answer.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return rows;
  }

  /** Writes rows without the code under test. */
  async put(rows: object[]): Promise<void> {
    const requests = rows.map((row) => ({ PutRequest: { Item: marshall(row, { removeUndefinedValues: true }) } }));
    for (let from = 0; from < requests.length; from += 25) {
      await this.#perform("BatchWriteItem", { RequestItems: { [MESSAGES]: requests.slice(from, from + 25) } });
    }
  }

  async delete({ pk, sk }: { pk: string; sk: number }): Promise<void> {
    await this.#perform("DeleteItem", { TableName: MESSAGES, Key: marshall({ pk, sk }) });
  }

  // biome-ignore lint/suspicious/noExplicitAny: each DynamoDB operation has its own answer
  async #perform(operation: string, request: object): Promise<any> {
    const { status, body } = await this.#engine.call(operation, JSON.stringify(request));
    if (status !== 200) throw new Error(body);
    return JSON.parse(body);
  }

  #answer(operation: string, request: WireRequest): Promise<Answer> {
    const step = stepOf(operation, request);
    return this.between(step, async () => {
      const answer = await this.#engine.call(
        operation,
        JSON.stringify({ ...request, ReturnConsumedCapacity: "TOTAL" }),
      );
      this.calls.push({ step, units: step === "read" ? 0 : unitsOf(answer) });
      return answer;
    });
  }
}

/** The error for a lost answer, which makes the SDK send the call again. */
export function connectionLost(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}

type WireRequest = Record<"Key" | "Item", Record<string, { S: string }> | undefined> & { UpdateExpression?: string };

/** The step that an update of an entry's row performs, recognized by the first attribute it changes. */
const UPDATES: Record<string, Step> = { edits: "note", erased: "erase", done: "done" };

function stepOf(operation: string, { Key, Item, UpdateExpression = "" }: WireRequest): Step {
  const row = Item ?? Key;
  const [kind] = (row?.pk?.S ?? "").split("#");
  if (operation === "UpdateItem" && kind === "ROOM") return UPDATES[UpdateExpression.split(" ")[1] ?? ""] as Step;
  if (operation === "UpdateItem") return kind === "META" ? "position" : "move";
  if (operation !== "PutItem") return "read";
  if (kind === "DEDUPE") return "claim";
  return row?.kind?.S === "void" ? "void" : "entry";
}

const { capacityUnits } = createRequire(import.meta.url)("dynalite/db/index.js");

/**
 * Write units of a call. The engine reports none for a failed condition, which costs as much as writing the row that it
 * checked.
 */
function unitsOf({ status, body }: Answer): number {
  const { ConsumedCapacity, Item, __type } = JSON.parse(body);
  if (status === 200) return ConsumedCapacity.CapacityUnits;
  if (!__type.endsWith("#ConditionalCheckFailedException")) return 0;
  return Item === undefined ? 1 : capacityUnits(Item, false, true);
}
