/**
 * TransactWriteItems and TransactGetItems. Each item's operation runs separately and is undone if another one fails. No
 * other call sees the states in between, because a transaction runs exclusively.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
import { isDeepStrictEqual } from "node:util";
import { type AwsError, awsError } from "./awsError.ts";
import type { Dynalite, Item } from "./dynalite.ts";
import { itemKey, type KeyedTable } from "./itemKey.ts";

const MAX_ACTIONS = 100;

/** Time during which a call with the same client token counts as a repetition of the first. */
const TOKEN_LIFETIME_MS = 10 * 60_000;

/** Operations by action. A condition check deletes the matching item and restores it at once. */
const OPERATIONS = new Map([
  ["Put", "PutItem"],
  ["Update", "UpdateItem"],
  ["Delete", "DeleteItem"],
  ["ConditionCheck", "DeleteItem"],
]);

interface Reason {
  Code: string;
  Message?: string;
  Item?: unknown;
}

interface Write {
  table: KeyedTable;
  key: Item;
  perform: () => Promise<Item>;
  isCheck: boolean;
}

export class Transactions {
  readonly #dynalite: Dynalite;
  readonly #tokens = new Map<string, { data: Item; until: number }>();

  constructor(dynalite: Dynalite) {
    this.#dynalite = dynalite;
  }

  /** @throws AwsError TransactionCanceledException with a reason for each item; then nothing was written */
  async write(data: Item): Promise<Item> {
    const actions = listOf(data.TransactItems);
    if (this.#isRepeated(data)) return {};
    const writes: Write[] = [];
    for (const action of actions) writes.push(await this.#writeOf(action));
    refuseDuplicates(writes);
    const undo: (() => Promise<Item>)[] = [];
    const reasons: Reason[] = [];
    const used: Item[] = [];
    for (const write of writes) {
      try {
        const { Attributes, ConsumedCapacity } = await write.perform();
        const takeBack = () => this.#restore(write, Attributes as Item | undefined);
        if (write.isCheck) await takeBack();
        else undo.push(takeBack);
        if (ConsumedCapacity !== undefined) used.push(ConsumedCapacity as Item);
        reasons.push({ Code: "None" });
      } catch (error) {
        reasons.push(reasonOf(error as AwsError));
      }
    }
    if (reasons.some(({ Code }) => Code !== "None")) {
      for (const takeBack of undo.toReversed()) await takeBack();
      throw canceled(reasons);
    }
    if (typeof data.ClientRequestToken === "string") {
      this.#tokens.set(data.ClientRequestToken, { data, until: Date.now() + TOKEN_LIFETIME_MS });
    }
    return capacityOf(data, used);
  }

  async get(data: Item): Promise<Item> {
    const Responses: Item[] = [];
    const used: Item[] = [];
    for (const { Get } of listOf(data.TransactItems) as { Get?: Item }[]) {
      if (Get === undefined) throw invalid("Invalid Request: TransactGetRequest should contain Get operations");
      const { ReturnConsumedCapacity } = data;
      const request = { ...Get, ConsistentRead: true, ...(ReturnConsumedCapacity ? { ReturnConsumedCapacity } : {}) };
      const { ConsumedCapacity, ...found } = await this.#dynalite.run("GetItem", request);
      if (ConsumedCapacity !== undefined) used.push(ConsumedCapacity as Item);
      Responses.push(found);
    }
    return { Responses, ...capacityOf(data, used) };
  }

  /** Whether the call repeats an earlier one with the same token. Also removes old tokens. */
  #isRepeated(data: Item): boolean {
    const now = Date.now();
    for (const [token, { until }] of this.#tokens) if (until <= now) this.#tokens.delete(token);
    const earlier = this.#tokens.get(String(data.ClientRequestToken));
    if (earlier === undefined) return false;
    if (isDeepStrictEqual(earlier.data, data)) return true;
    throw awsError(
      "IdempotentParameterMismatchException",
      "A request with the same client token but different parameters was made within the last 10 minutes",
    );
  }

  async #writeOf(action: Item): Promise<Write> {
    const [[kind, request] = ["", {}], ...others] = Object.entries(action) as [string, Item][];
    const operation = OPERATIONS.get(kind);
    if (operation === undefined || others.length > 0) {
      throw invalid("TransactItems can only contain one of Check, Put, Update or Delete");
    }
    const isCheck = kind === "ConditionCheck";
    if (isCheck && request.ConditionExpression === undefined) {
      throw invalid("The ConditionExpression of a ConditionCheck must not be empty");
    }
    const perform = this.#dynalite.prepare(operation, { ...request, ReturnValues: "ALL_OLD" });
    const { Table } = await this.#dynalite.run("DescribeTable", { TableName: request.TableName });
    const table = Table as unknown as KeyedTable;
    return { table, key: itemKey(table, (request.Item ?? request.Key) as Item), perform, isCheck };
  }

  #restore({ table: { TableName }, key }: Write, before: Item | undefined): Promise<Item> {
    if (before === undefined) return this.#dynalite.run("DeleteItem", { TableName, Key: key });
    return this.#dynalite.run("PutItem", { TableName, Item: before });
  }
}

function listOf(items: unknown): Item[] {
  if (Array.isArray(items) && items.length > 0 && items.length <= MAX_ACTIONS) return items;
  throw invalid(
    "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length from " +
      `1 to ${MAX_ACTIONS}`,
  );
}

function refuseDuplicates(writes: Write[]): void {
  const items = writes.map(({ table, key }) => JSON.stringify([table.TableName, key]));
  if (new Set(items).size === items.length) return;
  throw invalid("Transaction request cannot include multiple operations on one item");
}

function reasonOf({ message, body = {}, statusCode }: AwsError): Reason {
  if (statusCode === undefined) throw new Error(message);
  const [, name = ""] = String(body.__type).split("#");
  switch (name) {
    case "ConditionalCheckFailedException": {
      const { Item } = body;
      return { Code: "ConditionalCheckFailed", Message: String(body.message), ...(Item ? { Item } : {}) };
    }
    case "ValidationException":
      return { Code: "ValidationError", Message: String(body.message) };
    default:
      throw Object.assign(new Error(message), { statusCode, body });
  }
}

function canceled(CancellationReasons: Reason[]): AwsError {
  const codes = CancellationReasons.map(({ Code }) => Code).join(", ");
  return awsError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons },
  );
}

/** The capacity that a transaction consumes, which is twice that of its operations. */
function capacityOf({ ReturnConsumedCapacity }: Item, used: Item[]): Item {
  if (ReturnConsumedCapacity !== "TOTAL" && ReturnConsumedCapacity !== "INDEXES") return {};
  const units = new Map<string, number>();
  for (const { TableName, CapacityUnits } of used as { TableName: string; CapacityUnits: number }[]) {
    units.set(TableName, (units.get(TableName) ?? 0) + 2 * CapacityUnits);
  }
  return { ConsumedCapacity: [...units].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits })) };
}

function invalid(message: string): AwsError {
  return awsError("ValidationException", message);
}
