import { beforeEach, describe, expect, it } from "vitest";
import { storeWithTable } from "./dynamodb.ts";

const TableName = "orders";
const ARN = "arn:aws:dynamodb:eu-central-1:000000000000:table/orders";
let { call, store, records }: Awaited<ReturnType<typeof storeWithTable>> = {} as never;

beforeEach(async () => {
  ({ call, store, records } = await storeWithTable());
});

it("DescribeTable returns the stream, the deletion protection and the ARN, which contains the Region", async () => {
  expect((await call("DescribeTable", { TableName })).Table).toMatchObject({
    TableArn: ARN,
    TableStatus: "ACTIVE",
    DeletionProtectionEnabled: false,
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    LatestStreamArn: expect.stringContaining(`${ARN}/stream/`),
  });
});

it("CreateTable reports which table already exists", async () => {
  const request = {
    TableName,
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  };
  await expect(call("CreateTable", request)).rejects.toMatchObject({
    type: "ResourceInUseException",
    message: "Table already exists: orders",
  });
});

it("DeleteTable refuses a protected table until a new definition ends the protection", async () => {
  const definition = {
    TableName: "kept",
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  };
  await store.createTable({ ...definition, deletionProtection: true });
  expect((await call("DescribeTable", { TableName: "kept" })).Table.DeletionProtectionEnabled).toBe(true);
  await expect(call("DeleteTable", { TableName: "kept" })).rejects.toMatchObject({
    type: "ValidationException",
    message: expect.stringContaining("protected against deletion"),
  });
  await store.updateTable(definition);
  await call("DeleteTable", { TableName: "kept" });
});

it("an empty value for the key of an index is refused", async () => {
  await store.createTable({
    TableName: "indexed",
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "owner", AttributeType: "S" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "owners",
        KeySchema: [{ AttributeName: "owner", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
      },
    ],
  });
  const put = (owner: object) => call("PutItem", { TableName: "indexed", Item: { id: { S: "1" }, ...owner } });
  await put({});
  await put({ owner: { S: "ali" } });
  await expect(put({ owner: { S: "" } })).rejects.toMatchObject({
    type: "ValidationException",
    message: expect.stringMatching(/cannot contain an empty string value\. IndexName: owners, IndexKey: owner$/),
  });
});

it("a table has the tags that the program sets, and they can be changed", async () => {
  expect(await call("ListTagsOfResource", { ResourceArn: ARN })).toEqual({ Tags: [{ Key: "team", Value: "shop" }] });
  await call("TagResource", { ResourceArn: ARN, Tags: [{ Key: "stage", Value: "dev" }] });
  await call("UntagResource", { ResourceArn: ARN, TagKeys: ["team"] });
  expect(await call("ListTagsOfResource", { ResourceArn: ARN })).toEqual({ Tags: [{ Key: "stage", Value: "dev" }] });
});

it("DescribeContinuousBackups reports that nothing is backed up", async () => {
  const { ContinuousBackupsDescription } = await call("DescribeContinuousBackups", { TableName });
  expect(ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus).toBe("DISABLED");
  await expect(call("DescribeContinuousBackups", { TableName: "missing" })).rejects.toMatchObject({
    type: "ResourceNotFoundException",
  });
});

describe("UpdateTimeToLive", () => {
  const specification = (AttributeName: string, Enabled: boolean) =>
    call("UpdateTimeToLive", { TableName, TimeToLiveSpecification: { AttributeName, Enabled } });

  it("turns expiry on, and expired items appear in the stream as deleted by the service", async () => {
    await specification("until", true);
    expect((await call("DescribeTimeToLive", { TableName })).TimeToLiveDescription).toEqual({
      TimeToLiveStatus: "ENABLED",
      AttributeName: "until",
    });
    await call("PutItem", { TableName, Item: { id: { S: "old" }, until: { N: "1" } } });
    await store.sweep(Date.now());
    expect(records.map(({ eventName, userIdentity }) => [eventName, userIdentity?.principalId])).toEqual([
      ["INSERT", undefined],
      ["REMOVE", "dynamodb.amazonaws.com"],
    ]);
  });

  it("survives the deletion of a table during the sweep", async () => {
    await specification("until", true);
    for (const id of ["a", "b", "c"]) await call("PutItem", { TableName, Item: { id: { S: id }, until: { N: "1" } } });
    await Promise.all([store.sweep(Date.now()), call("DeleteTable", { TableName })]);
  });

  it("is refused if it repeats the current setting or names a second attribute", async () => {
    await expect(specification("until", false)).rejects.toThrow("TimeToLive is already disabled");
    await specification("until", true);
    await expect(specification("until", true)).rejects.toThrow("TimeToLive is already enabled");
    await expect(specification("later", true)).rejects.toThrow("current AttributeName is until");
    await specification("until", false);
    await specification("later", true);
  });
});

describe("a stream", () => {
  it("has a record for each write that changed an item, in order", async () => {
    const item = { id: { S: "a" }, n: { N: "1" } };
    await call("PutItem", { TableName, Item: item });
    await call("PutItem", { TableName, Item: item });
    const update = { UpdateExpression: "SET n = :two", ExpressionAttributeValues: { ":two": { N: "2" } } };
    await call("UpdateItem", { TableName, Key: { id: item.id }, ...update });
    await call("DeleteItem", { TableName, Key: { id: item.id } });
    await call("DeleteItem", { TableName, Key: { id: item.id } });
    const changed = { ...item, n: { N: "2" } };
    expect(records.map(({ eventName, dynamodb }) => [eventName, dynamodb.OldImage, dynamodb.NewImage])).toEqual([
      ["INSERT", undefined, item],
      ["MODIFY", item, changed],
      ["REMOVE", changed, undefined],
    ]);
    const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
    expect(numbers.toSorted()).toEqual(numbers);
  });

  it("ends with its table", async () => {
    await call("DeleteTable", { TableName });
    await store.sweep(Date.now());
    expect(records).toEqual([]);
  });
});
