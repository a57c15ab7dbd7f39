/** Tests DynamoDB's PartiQL on the local store. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Refused, storeWithTable as start } from "./dynamodb.ts";
import { storeWithTable } from "./dynamodb.ts";

let { store, call, records }: Awaited<ReturnType<typeof start>> = {} as never;

beforeAll(async () => {
  ({ store, call, records } = await storeWithTable());
  await store.createTable({
    TableName: "music",
    KeySchema: [
      { AttributeName: "artist", KeyType: "HASH" },
      { AttributeName: "year", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "artist", AttributeType: "S" },
      { AttributeName: "year", AttributeType: "N" },
      { AttributeName: "genre", AttributeType: "S" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "byGenre",
        KeySchema: [{ AttributeName: "genre", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
      },
    ],
  });
});
beforeEach(async () => {
  const { Items } = await call("Scan", { TableName: "music" });
  for (const { artist, year } of Items) await call("DeleteItem", { TableName: "music", Key: { artist, year } });
  for (const [artist, year, genre] of [
    ["Ann", 1990, "rock"],
    ["Ann", 2000, "jazz"],
    ["Ann", 2010, "rock"],
    ["Bo", 2005, "jazz"],
  ]) {
    await run(
      `INSERT INTO "music" VALUE {'artist': '${artist}', 'year': ${year}, 'genre': '${genre}', 'tags': ['a', 'b']}`,
    );
  }
});

const run = (Statement: string, Parameters?: unknown[], more: object = {}) =>
  call("ExecuteStatement", { Statement, ...(Parameters ? { Parameters } : {}), ...more });
const years = async (statement: string, parameters?: unknown[]) =>
  (await run(statement, parameters)).Items.map(({ year }: { year: { N: string } }) => Number(year.N));
const refusalOf = (operation: string, request: object): Promise<Refused> =>
  call(operation, request).then(
    () => expect.unreachable(),
    (error) => error,
  );

describe("SELECT", () => {
  it.each([
    { where: `artist = 'Ann'`, found: [1990, 2000, 2010] },
    { where: `artist = 'Ann' ORDER BY "year" DESC`, found: [2010, 2000, 1990] },
    { where: `"artist" = 'Ann' AND "year" >= 2000`, found: [2000, 2010] },
    { where: `artist = 'Ann' AND year BETWEEN 1995 AND 2005 AND genre = 'jazz'`, found: [2000] },
    { where: `artist = 'Ann' AND year > 1995 AND year < 2005`, found: [2000] },
    { where: `artist = 'Ann' AND (genre = 'jazz' OR year = 1990)`, found: [1990, 2000] },
    { where: `artist = 'Ann' AND genre IN ['jazz', 'pop'] ORDER BY year DESC`, found: [2000] },
    { where: `artist = 'Ann' AND NOT genre = 'jazz'`, found: [1990, 2010] },
    { where: `begins_with(artist, 'B')`, found: [2005] },
    { where: `contains("tags", 'a') AND year <> 2000 AND artist = 'Ann'`, found: [1990, 2010] },
    { where: `artist = 'Bo' AND tags[0] = 'a' AND size(tags) = 2`, found: [2005] },
    { where: `artist = 'Bo' AND extra IS MISSING AND genre IS NOT NULL`, found: [2005] },
    { where: `artist = 'Bo' AND extra IS NOT MISSING`, found: [] },
  ])("finds the items where $where", async ({ where, found }) => {
    expect(await years(`SELECT * FROM "music" WHERE ${where}`)).toEqual(found);
  });

  it("accepts parameters, an index, attributes and page sizes", async () => {
    expect(await years("select * from music where artist = ? and year = ?", [{ S: "Bo" }, { N: "2005" }])).toEqual([
      2005,
    ]);
    const { Items } = await run(`SELECT artist, tags[1] FROM music."byGenre" WHERE genre = 'jazz' AND artist = 'Bo'`);
    expect(Items).toEqual([{ artist: { S: "Bo" }, tags: { L: [{ S: "b" }] } }]);
    const first = await run("SELECT * FROM music WHERE artist = 'Ann'", undefined, { Limit: 2 });
    const { NextToken } = first;
    const rest = await run("SELECT * FROM music WHERE artist = 'Ann'", undefined, { NextToken });
    expect([first.Items.length, rest.Items.length, rest.NextToken]).toEqual([2, 1, undefined]);
  });
});

describe("INSERT, UPDATE and DELETE", () => {
  it("change one item, which may have values of every type", async () => {
    await run(
      `INSERT INTO orders VALUE {'id': 'it''s', 'n': -1.5, 'yes': true, 'nothing': null, 'map': {'a': [1, 'x']}, 'set': <<'a', 'b'>>, 'given': ?}`,
      [{ B: "AA==" }],
    );
    expect((await call("GetItem", { TableName: "orders", Key: { id: { S: "it's" } } })).Item).toEqual({
      id: { S: "it's" },
      n: { N: "-1.5" },
      yes: { BOOL: true },
      nothing: { NULL: true },
      map: { M: { a: { L: [{ N: "1" }, { S: "x" }] } } },
      set: { SS: ["a", "b"] },
      given: { B: "AA==" },
    });
    const refused = await refusalOf("ExecuteStatement", { Statement: "INSERT INTO orders VALUE {'id': 'it''s'}" });
    expect([refused.type, refused.message]).toEqual([
      "DuplicateItemException",
      "Duplicate primary key exists in table",
    ]);

    const update = `UPDATE orders SET n = n + 2, map.b = 'new' SET "set" = set_add("set", <<'c'>>) REMOVE nothing WHERE id = 'it''s' AND yes = true RETURNING ALL NEW *`;
    expect((await run(update)).Items[0]).toMatchObject({
      n: { N: "0.5" },
      map: { M: { b: { S: "new" } } },
      set: { SS: ["a", "b", "c"] },
    });
    const deleted = await run(`DELETE FROM orders WHERE id = 'it''s' AND n = 0.5 RETURNING ALL OLD *`);
    expect(deleted.Items[0]).toMatchObject({ id: { S: "it's" } });
    expect(await run("DELETE FROM orders WHERE id = 'it''s'")).toEqual({ Items: [] });
  });

  it("change nothing if a condition fails or the item doesn't exist", async () => {
    for (const Statement of [
      "UPDATE orders SET n = 1 WHERE id = 'missing'",
      "UPDATE music SET n = 1 WHERE artist = 'Bo' AND year = 2005 AND genre = 'rock'",
      "DELETE FROM music WHERE artist = 'Bo' AND year = 2005 AND genre = 'rock'",
    ]) {
      expect((await refusalOf("ExecuteStatement", { Statement })).type).toBe("ConditionalCheckFailedException");
    }
    expect(await years("SELECT * FROM music WHERE artist = 'Bo'")).toEqual([2005]);
  });
});

describe("a batch", () => {
  it("answers each statement separately", async () => {
    const { Responses } = await call("BatchExecuteStatement", {
      Statements: [
        { Statement: "UPDATE music SET n = 1 WHERE artist = 'Bo' AND year = 2005 RETURNING MODIFIED NEW *" },
        { Statement: "INSERT INTO music VALUE {'artist': 'Bo', 'year': 2005}" },
        { Statement: "DELETE FROM music WHERE artist = 'Bo'" },
      ],
    });
    expect(Responses).toEqual([
      { TableName: "music", Item: { n: { N: "1" } } },
      { TableName: "music", Error: { Code: "DuplicateItem", Message: "Duplicate primary key exists in table" } },
      {
        TableName: "music",
        Error: {
          Code: "ValidationError",
          Message: "Where clause does not contain a mandatory equality on all key attributes",
        },
      },
    ]);
    const reads = await call("BatchExecuteStatement", {
      Statements: [
        { Statement: "SELECT * FROM music WHERE artist = ? AND year = 2005", Parameters: [{ S: "Bo" }] },
        { Statement: "SELECT * FROM music WHERE artist = 'Bo' AND year = 1" },
        { Statement: "SELECT * FROM music WHERE artist = 'Bo'" },
      ],
    });
    expect(reads.Responses[0].Item.artist).toEqual({ S: "Bo" });
    expect(reads.Responses[1]).toEqual({ TableName: "music" });
    expect(reads.Responses[2].Error.Code).toBe("ValidationError");
  });
});

describe("a transaction", () => {
  it("writes all or nothing, as one change in the stream", async () => {
    await run("INSERT INTO orders VALUE {'id': 'there', 'open': true}");
    records.length = 0;
    const write = (check: string, id: string) =>
      call("ExecuteTransaction", {
        TransactStatements: [
          { Statement: `EXISTS(SELECT * FROM orders WHERE id = 'there' AND open = ${check})` },
          { Statement: "INSERT INTO orders VALUE {'id': ?}", Parameters: [{ S: id }] },
        ],
      });
    const refused = await write("false", "a").catch((error) => error);
    expect(refused.body.CancellationReasons.map(({ Code }: { Code: string }) => Code)).toEqual([
      "ConditionalCheckFailed",
      "None",
    ]);
    expect(await write("true", "b")).toEqual({ Responses: [{}, {}] });
    const { Responses } = await call("ExecuteTransaction", {
      TransactStatements: ["a", "b"].map((id) => ({ Statement: `SELECT * FROM orders WHERE id = '${id}'` })),
    });
    expect(Responses).toEqual([{}, { Item: { id: { S: "b" } } }]);
    expect(records.map(({ dynamodb }) => dynamodb.Keys)).toEqual([{ id: { S: "b" } }]);
  });

  it("reads or writes, but doesn't do both", async () => {
    const TransactStatements = ["SELECT * FROM orders WHERE id = 'a'", "DELETE FROM orders WHERE id = 'a'"];
    const request = { TransactStatements: TransactStatements.map((Statement) => ({ Statement })) };
    expect((await refusalOf("ExecuteTransaction", request)).type).toBe("ValidationException");
  });
});

it.each([
  "SELECT COUNT(*) FROM orders",
  "SELECT * FROM orders, music",
  "SELECT * FROM orders JOIN music",
  "SELECT * FROM orders WHERE id = (SELECT id FROM music)",
  "SELECT * FROM orders WHERE id =",
  "SELECT * FROM orders WHERE id = ?",
  "SELECT * FROM orders ORDER BY id",
  "SELECT * FROM music.nothing WHERE artist = 'Bo'",
  "UPDATE orders WHERE id = 'a'",
  "UPDATE orders SET n = 1",
  "INSERT INTO orders VALUE 'a'",
  "INSERT INTO orders {'id': 'a'}",
  "DROP TABLE orders",
  "EXISTS(SELECT * FROM orders WHERE id = 'a')",
  "SELECT * FROM orders; SELECT * FROM orders",
  "'",
  "",
])("PartiQL refuses %s", async (Statement) => {
  const refused = await refusalOf("ExecuteStatement", { Statement });
  expect(refused.type).toBe("ValidationException");
});
