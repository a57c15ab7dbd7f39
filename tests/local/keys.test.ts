/** Tests key presses in the terminal, and changes that must be confirmed with a key. */
import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Cloud } from "../../local/cloud.ts";
import { type Keys, readKeys } from "../../local/keys.ts";
import { lossesOf } from "../../local/losses.ts";
import { peopleReporter } from "../../local/report.ts";

let terminal: PassThrough;
let keys: Keys;
const done: string[] = [];

beforeAll(() => {
  terminal = Object.assign(new PassThrough(), { setRawMode: () => {}, unref: () => {} });
  keys = readKeys(terminal as unknown as ReadStream, (text) => done.push(text), {
    restart: () => done.push("restart"),
    clear: () => done.push("clear"),
    quit: () => done.push("quit"),
  });
});

beforeEach(() => {
  done.length = 0;
});

it.each([
  ["r", "restart"],
  ["R", "restart"],
  ["c", "clear"],
  ["q", "quit"],
  ["\u0003", "quit"],
  ["h", expect.stringContaining("clear the tables")],
])("%j does %s", (key, does) => {
  terminal.write(key);
  expect(done).toEqual([does]);
});

it("other keys do nothing", () => {
  terminal.write("xyn\r");
  expect(done).toEqual([]);
});

it.each([
  ["y", true],
  ["n", false],
])("%s answers a question", async (key, answer) => {
  const asked = keys.ask(new AbortController().signal);
  terminal.write(key);
  expect(await asked).toBe(answer);
  expect(done).toEqual([]);
});

it("a question that is withdrawn counts as answered with no", async () => {
  const withdrawn = new AbortController();
  const asked = keys.ask(withdrawn.signal);
  withdrawn.abort();
  expect(await asked).toBe(false);
});

it("a question names what would be lost", () => {
  const out = new PassThrough();
  peopleReporter(out)({ event: "confirm", losses: ["the table letters with all its items"], keys: true });
  expect(String(out.read())).toContain("deletes the table letters with all its items: press y");
});

const KEY = { KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }] };
const TABLE = { TableName: "letters", ...KEY, AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }] };
const INDEX = {
  IndexName: "byBox",
  KeySchema: [{ AttributeName: "box", KeyType: "HASH" as const }],
  Projection: { ProjectionType: "ALL" },
};

let cloud: Cloud;
afterEach(() => cloud?.stop());

it("a table keeps its items when an index changes, and loses them when its key changes or it is removed", async () => {
  cloud = await Cloud.start({
    region: "eu-central-1",
    programFolder: ".",
    port: 0,
    report: () => {},
    lifetimes: { idleMs: 600_000, lifetimeMs: 7_200_000 },
  });
  const call = async (operation: string, input: object) =>
    JSON.parse((await cloud.store.call(operation, JSON.stringify({ TableName: "letters", ...input }))).body);
  const first = cloud.draft();
  await first.addTable(TABLE);
  await cloud.apply(first);
  await call("PutItem", { Item: { id: { S: "1" }, box: { S: "blue" } } });

  const indexed = cloud.draft();
  await indexed.addTable({
    ...TABLE,
    AttributeDefinitions: [...TABLE.AttributeDefinitions, { AttributeName: "box", AttributeType: "S" }],
    GlobalSecondaryIndexes: [INDEX],
  });
  expect(lossesOf(cloud, indexed)).toEqual([]);
  await cloud.apply(indexed);
  const query = {
    IndexName: "byBox",
    KeyConditionExpression: "box = :box",
    ExpressionAttributeValues: { ":box": { S: "blue" } },
  };
  expect((await call("Query", query)).Count).toBe(1);

  const rekeyed = cloud.draft();
  await rekeyed.addTable({
    ...TABLE,
    KeySchema: [{ AttributeName: "box", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "box", AttributeType: "S" }],
  });
  expect(lossesOf(cloud, rekeyed)).toEqual(["the table letters with all its items"]);
  await cloud.apply(rekeyed);
  expect((await call("Scan", {})).Count).toBe(0);
  await call("PutItem", { Item: { box: { S: "red" } } });
  await cloud.clearTables();
  expect((await call("Scan", {})).Count).toBe(0);

  await cloud.apply(cloud.draft());
  expect((await call("Scan", {})).__type).toContain("ResourceNotFoundException");
});
