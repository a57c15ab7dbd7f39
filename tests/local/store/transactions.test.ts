import { beforeEach, describe, expect, it } from "vitest";
import { type Refused, storeWithTable } from "./dynamodb.ts";

const TableName = "orders";
let { call, records }: Awaited<ReturnType<typeof storeWithTable>> = {} as never;

beforeEach(async () => {
  ({ call, records } = await storeWithTable());
});

const put = (id: string, more: object = {}) => ({ Put: { TableName, Item: { id: { S: id } }, ...more } });
const NEW = { ConditionExpression: "attribute_not_exists(id)" };
const THERE = { ConditionExpression: "attribute_exists(id)" };
const ids = async () => (await call("Scan", { TableName })).Items.map(({ id }: { id: { S: string } }) => id.S).sort();
const refusalOf = (request: object): Promise<Refused> =>
  call("TransactWriteItems", request).then(
    () => expect.unreachable(),
    (error) => error,
  );

describe("TransactWriteItems", () => {
  it("puts, updates, deletes and checks together", async () => {
    for (const id of ["checked", "deleted", "updated"]) await call("PutItem", put(id).Put);
    const update = { UpdateExpression: "ADD n :one", ExpressionAttributeValues: { ":one": { N: "1" } } };
    await call("TransactWriteItems", {
      TransactItems: [
        put("new", NEW),
        { Update: { TableName, Key: { id: { S: "updated" } }, ...update } },
        { Delete: { TableName, Key: { id: { S: "deleted" } } } },
        { ConditionCheck: { TableName, Key: { id: { S: "checked" } }, ...THERE } },
      ],
    });
    expect(await ids()).toEqual(["checked", "new", "updated"]);
    expect((await call("GetItem", { TableName, Key: { id: { S: "updated" } } })).Item.n).toEqual({ N: "1" });
  });

  it("writes nothing if one condition fails, and returns a reason for each item", async () => {
    await call("PutItem", { TableName, Item: { id: { S: "there" }, n: { N: "1" } } });
    const refused = await refusalOf({
      TransactItems: [
        put("first"),
        put("there", { ...NEW, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
        { Delete: { TableName, Key: { id: { S: "absent" } }, ...THERE } },
        { ConditionCheck: { TableName, Key: { id: { S: "another" } }, ...NEW } },
      ],
    });
    expect(refused.type).toBe("TransactionCanceledException");
    expect(refused.message).toBe(
      "Transaction cancelled, please refer cancellation reasons for specific reasons " +
        "[None, ConditionalCheckFailed, ConditionalCheckFailed, None]",
    );
    expect(refused.body.CancellationReasons[1]).toEqual({
      Code: "ConditionalCheckFailed",
      Message: "The conditional request failed",
      Item: { id: { S: "there" }, n: { N: "1" } },
    });
    expect(await ids()).toEqual(["there"]);
  });

  it("undoes an update that precedes a failing one", async () => {
    await call("PutItem", { TableName, Item: { id: { S: "a" }, n: { N: "1" } } });
    await call("PutItem", { TableName, Item: { id: { S: "b" }, n: { S: "text" } } });
    const add = (id: string) => ({
      Update: {
        TableName,
        Key: { id: { S: id } },
        UpdateExpression: "SET n = n + :one",
        ExpressionAttributeValues: { ":one": { N: "1" } },
      },
    });
    const refused = await refusalOf({ TransactItems: [add("a"), add("b")] });
    expect(refused.body.CancellationReasons.map(({ Code }: { Code: string }) => Code)).toEqual([
      "None",
      "ValidationError",
    ]);
    expect((await call("GetItem", { TableName, Key: { id: { S: "a" } } })).Item.n).toEqual({ N: "1" });
  });

  it("is refused as a whole if it has no or too many operations, two on the same item, or an invalid expression", async () => {
    expect((await refusalOf({ TransactItems: [put("a"), put("a")] })).message).toBe(
      "Transaction request cannot include multiple operations on one item",
    );
    const faulty = put("a", { ConditionExpression: "attribute_not_exists(" });
    for (const TransactItems of [[], Array(101).fill(put("a")), [faulty], [{ ...put("a"), Delete: {} }]]) {
      expect((await refusalOf({ TransactItems })).type).toBe("ValidationException");
    }
  });

  it("runs once per token, which identifies a single call", async () => {
    const request = { TransactItems: [put("a", NEW)], ClientRequestToken: "token" };
    await call("TransactWriteItems", request);
    await call("TransactWriteItems", request);
    expect((await refusalOf({ ...request, TransactItems: [put("b")] })).type).toBe(
      "IdempotentParameterMismatchException",
    );
  });

  it("is never seen half done by concurrent calls", async () => {
    const swap = (from: string, to: string) =>
      call("TransactWriteItems", {
        TransactItems: [put(to, NEW), { Delete: { TableName, Key: { id: { S: from } }, ...THERE } }],
      }).catch(() => {});
    await call("PutItem", put("a").Put);
    const swaps = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? swap("a", "b") : swap("b", "a")));
    const looks = Array.from({ length: 30 }, () => ids());
    for (const seen of await Promise.all(looks)) expect(seen).toHaveLength(1);
    await Promise.all(swaps);
  });

  it("appears in the stream with its net changes, if any", async () => {
    await call("PutItem", put("there").Put);
    await refusalOf({ TransactItems: [put("a"), put("there", NEW)] });
    await call("TransactWriteItems", {
      TransactItems: [put("b"), { ConditionCheck: { TableName, Key: { id: { S: "there" } }, ...THERE } }],
    });
    expect(records.map(({ eventName, dynamodb }) => [eventName, dynamodb.Keys.id])).toEqual([
      ["INSERT", { S: "there" }],
      ["INSERT", { S: "b" }],
    ]);
  });
});

it("TransactGetItems returns an item or nothing for each key, and the consumed capacity", async () => {
  await call("PutItem", { TableName, Item: { id: { S: "a" }, n: { N: "1" } } });
  const get = (id: string) => ({ Get: { TableName, Key: { id: { S: id } }, ProjectionExpression: "n" } });
  const found = await call("TransactGetItems", {
    TransactItems: [get("a"), get("b")],
    ReturnConsumedCapacity: "TOTAL",
  });
  expect(found.Responses).toEqual([{ Item: { n: { N: "1" } } }, {}]);
  expect(found.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 4 }]);
});
