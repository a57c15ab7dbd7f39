/** Tests the sweep with a gateway that closes connections without calling $disconnect. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type * as Connections from "../../chat/connections/connections.ts";
import type * as Due from "../../chat/connections/due.ts";
import type * as Sweep from "../../chat/connections/sweep.ts";
import type * as Departures from "../../chat/presence/departures.ts";
import type * as Join from "../../chat/rooms/join.ts";
import type * as Members from "../../chat/rooms/members.ts";
import type * as Writes from "../../chat/tables/batchWrite.ts";
import { TestClient } from "../webSocketClient.ts";
import { type ChatCloud, CONNECTIONS, startChatCloud } from "./chatCloud.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const EVERY_MS = 5 * MINUTE_MS;
const TABLE = CONNECTIONS as never;

let at: ChatCloud;
let chat: Omit<
  typeof Connections & typeof Due & typeof Join & typeof Members & typeof Departures & typeof Sweep & typeof Writes,
  "default"
>;
let calls: string[] = [];
let day = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;

beforeAll(async () => {
  at = await startChatCloud();
  chat = {
    ...(await import("../../chat/connections/connections.ts")),
    ...(await import("../../chat/rooms/join.ts")),
    ...(await import("../../chat/rooms/members.ts")),
    ...(await import("../../chat/connections/due.ts")),
    ...(await import("../../chat/connections/sweep.ts")),
    ...(await import("../../chat/presence/departures.ts")),
    ...(await import("../../chat/tables/batchWrite.ts")),
  };
  const { call } = at.cloud.store;
  at.cloud.store.call = (operation, body) => {
    calls.push(operation);
    return call.call(at.cloud.store, operation, body);
  };
});
afterAll(() => at?.stop());

beforeEach(async () => {
  // Each test has its own day, so that no rows left by another test are due.
  day += 24 * HOUR_MS;
  vi.useFakeTimers({ toFake: ["Date"], now: day });
  // Pretends that a sweep has just run. Without this row, the next sweep would read two hours of empty minutes.
  const cursor = { pk: "SWEEP", sk: "#", through: day / MINUTE_MS - 1 };
  await chat.batchWrite(TABLE, [{ PutRequest: { Item: cursor } }]);
  calls = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const sweep = () =>
  chat.sweep({ connections: TABLE, posts: at.connectionsUrl as never }, EVERY_MS, Date.now() + 240_000);
let count = 0;

/** Makes an id in API Gateway's format, for a connection that API Gateway doesn't know. */
const goneId = () => `${String(++count).padStart(15, "G")}=`;

async function connect(id: string, user = `user of ${id}`, tokenLifeMs = HOUR_MS) {
  const now = Date.now();
  const connection = { id, user: { id: user, name: user }, connectedAt: now, tokenExpiresAt: now + tokenLifeMs };
  await chat.addConnection(TABLE, { ...connection, present: true }, EVERY_MS, ["lobby"]);
  await chat.enterFirst(TABLE, { ...connection, present: true }, "lobby");
  await chat.batchWrite(TABLE, [chat.duePut("USER", user, now)]);
  return connection;
}

async function open(user?: string, tokenLifeMs?: number) {
  const reported = at.nextConnection();
  const client = await TestClient.open(at.webSocketUrl);
  const id = await reported;
  return { client, id, connection: await connect(id, user, tokenLifeMs) };
}

const isThere = async (id: string) => (await chat.connectionOf(TABLE, id)) !== undefined;
async function membersOf(room: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { members } of chat.membersOf(TABLE, room)) found.push(...members.map(({ id }) => id));
  return found;
}

test("a dead connection is found within two periods and removed everywhere", async () => {
  const id = goneId();
  await connect(id);
  later(EVERY_MS);
  await sweep();
  later(EVERY_MS);
  await sweep();
  expect(await isThere(id)).toBe(false);
  expect(await membersOf("lobby")).not.toContain(id);
  expect(await chat.connectionsOf(TABLE, `user of ${id}`)).toEqual([]);
});

test("an open connection stays, however often it is checked", async () => {
  const { client, id } = await open();
  for (let i = 0; i < 6; i++) {
    later(EVERY_MS);
    await sweep();
  }
  expect(await isThere(id)).toBe(true);
  await client.close();
});

test("a connection that ends after it was checked is found by the second sweep after that", async () => {
  const { client, id } = await open();
  for (let i = 0; i < 3; i++) {
    later(EVERY_MS);
    await sweep();
  }
  await client.close();
  for (let i = 0; i < 2; i++) {
    later(EVERY_MS);
    await sweep();
  }
  expect(await isThere(id)).toBe(false);
});

test("a connection whose user has connected again is checked by the next sweep, whenever that runs", async () => {
  const { client, id } = await open("again");
  later(EVERY_MS);
  await sweep();
  await client.close();
  later(MINUTE_MS);
  const second = await open("again");
  await sweep();
  expect([await isThere(id), await isThere(second.id)]).toEqual([false, true]);
  await second.client.close();
});

test("a connection younger than 30 s is spared and found the next time", async () => {
  const id = goneId();
  await connect(id, "young");
  later(10_000);
  await chat.batchWrite(TABLE, [chat.duePut("USER", "young", Date.now())]);
  await sweep();
  expect(await isThere(id)).toBe(true);
  later(2 * MINUTE_MS);
  await sweep();
  expect(await isThere(id)).toBe(false);
});

test("a connection whose token expired long ago is closed", async () => {
  const { client } = await open(undefined, MINUTE_MS);
  later(3 * EVERY_MS);
  expect((await sweep()).closed).toBe(1);
  await client.closed;
});

test("others are told once that a person has left, and not while that person has another connection there", async () => {
  const watcher = await open();
  const [gone, kept] = [goneId(), goneId()];
  await connect(gone, "gone");
  await connect(kept, "kept");
  const { client } = await open("kept");
  later(2 * EVERY_MS);
  await sweep();
  expect(await watcher.client.next()).toEqual({
    type: "presence",
    room: "lobby",
    user: { id: "gone", name: "gone" },
    online: false,
  });
  expect(watcher.client.frames).toEqual([]);
  await Promise.all([client.close(), watcher.client.close()]);
});

describe("reading the connections that are due", () => {
  test("costs four Queries per minute of time that has passed, and nothing more where no connection is due", async () => {
    await sweep();
    later(EVERY_MS);
    calls = [];
    await sweep();
    expect(calls.filter((operation) => operation === "Query").length).toBeLessThanOrEqual(4 * 6);
    expect(calls.filter((operation) => operation !== "Query")).toEqual(["GetItem", "PutItem"]);
    expect(calls).not.toContain("Scan");
  });

  test("costs a Query and a batch per hundred connections that are due", async () => {
    // One connection more than fits into a batch.
    await Promise.all(Array.from({ length: 101 }, () => connect(goneId())));
    later(2 * EVERY_MS);
    calls = [];
    // On a busy machine, some requests to the gateway time out, and their connections are checked again.
    expect((await sweep()).looked).toBe(101);
    expect(calls.filter((operation) => operation === "BatchGetItem").length).toBeLessThanOrEqual(6);
  });

  test("begins where the last sweep ended, or after a long pause, a connection's maximum lifetime ago", async () => {
    later(24 * HOUR_MS);
    calls = [];
    await sweep();
    expect(calls.filter((operation) => operation === "Query").length).toBeLessThanOrEqual(4 * 131);
  });
});

test("a sweep that is cut short leaves the rest to the next one", async () => {
  const id = goneId();
  await connect(id);
  later(2 * EVERY_MS);
  await chat.sweep({ connections: TABLE, posts: at.connectionsUrl as never }, EVERY_MS, Date.now());
  expect(await isThere(id)).toBe(true);
  await sweep();
  expect(await isThere(id)).toBe(false);
});

describe("the remains of a connection whose own row is gone", () => {
  test("that a fan-out has found in a room are removed by the next sweep, and the departure is announced", async () => {
    const watcher = await open("watcher of strays");
    const id = goneId();
    const connection = await connect(id, "stray");
    await chat.depart(TABLE, connection);
    // The late write of a join that was given up as lost.
    const row = { ...chat.membershipKeys(id, "lobby")[1], ...chat.rowOf({ ...connection, present: true }) };
    await chat.batchWrite(TABLE, [{ PutRequest: { Item: row } }]);
    later(MINUTE_MS);
    await chat.recheckSoon(TABLE, connection, "lobby");
    await sweep();
    expect(await membersOf("lobby")).not.toContain(id);
    expect(await watcher.client.next(({ user }) => user?.id === "stray")).toMatchObject({ online: false });
    await watcher.client.close();
  });

  test("that a crashed join has left are removed by the next sweep, and the departure is announced", async () => {
    const watcher = await open("watcher");
    const id = goneId();
    const connection = await connect(id, "ghost");
    await chat.depart(TABLE, connection);
    await watcher.client.next(() => true, 10).catch(() => {});
    // The join read the connection before the disconnect, and writes its rows only now.
    await chat.enterFirst(TABLE, { ...connection, present: true }, "lobby");
    // A fan-out in the same room has found it in the meantime.
    await chat.recheckSoon(TABLE, connection, "lobby");
    later(EVERY_MS);
    await sweep();
    expect(await membersOf("lobby")).not.toContain(id);
    expect(await watcher.client.next(({ user }) => user?.id === "ghost")).toMatchObject({ online: false });
    await watcher.client.close();
  });
});

test("a sweep that fails halfway keeps the work that it has done", async () => {
  const [first, second] = [goneId(), goneId()];
  await connect(first);
  later(3 * MINUTE_MS);
  await connect(second);
  later(2 * EVERY_MS);
  const { call } = at.cloud.store;
  let looks = 0;
  at.cloud.store.call = (operation, body) => {
    if (operation !== "BatchGetItem" || ++looks !== 2) return call.call(at.cloud.store, operation, body);
    return Promise.resolve({ status: 400, body: JSON.stringify({ __type: "#ValidationException" }) });
  };
  await sweep().catch(() => {});
  at.cloud.store.call = call;
  expect(await isThere(first)).toBe(false);
  calls = [];
  await sweep();
  expect(await isThere(second)).toBe(false);
  // The sweep didn't start again at the oldest minute.
  expect(calls.filter((operation) => operation === "Query").length).toBeLessThan(4 * 30);
});

test("several rows for one connection cost one check and leave one row for the next sweep", async () => {
  const { client, id } = await open("twice");
  await chat.batchWrite(TABLE, [chat.duePut("CONN", id, Date.now()), chat.duePut("USER", "twice", Date.now())]);
  later(EVERY_MS);
  expect(
    (await chat.sweep({ connections: TABLE, posts: at.connectionsUrl as never }, MINUTE_MS, Date.now() + 240_000))
      .looked,
  ).toBe(1);
  expect(await isThere(id)).toBe(true);
  await client.close();
});
