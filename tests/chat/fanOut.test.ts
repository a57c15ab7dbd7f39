/** Tests the fan-out's handling of failures that are common in chats on API Gateway. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type * as Connections from "../../chat/connections/connections.ts";
import type { PostingDeps, PostingTally } from "../../chat/fanOut/everyMember.ts";
import type * as Join from "../../chat/rooms/join.ts";
import type { EventFrame } from "../../protocol/responses.ts";
import { TestClient } from "../webSocketClient.ts";
import { type ChatCloud, CONNECTIONS, startChatCloud } from "./chatCloud.ts";

const EVENT: EventFrame = {
  type: "event",
  room: "lobby",
  entries: [{ seq: 1, kind: "message", id: "m1", user: { id: "ana", name: "Ana" }, sentAt: 1, text: "hi" }],
};
const HOUR_MS = 3_600_000;
const NO_FAULT = { timedOut: 0, throttled: 0, failed: 0 };

describe("fan-out", () => {
  let at: ChatCloud;
  let connections: typeof Connections;
  let join: typeof Join;
  let fanOut: () => Promise<Omit<PostingTally, "members">>;
  let client: TestClient;
  let clientId: string;

  beforeAll(async () => {
    at = await startChatCloud();
    connections = await import("../../chat/connections/connections.ts");
    join = await import("../../chat/rooms/join.ts");
    const { postToEveryMember } = await import("../../chat/fanOut/everyMember.ts");
    const reach = { connections: CONNECTIONS, posts: at.connectionsUrl, fanOut: "nobody" } as PostingDeps;
    fanOut = async () => {
      const { members: _, ...tally } = await postToEveryMember(reach, EVENT.room, EVENT.entries);
      return tally;
    };
  });
  afterAll(() => at?.stop());

  beforeEach(async () => {
    const reported = at.nextConnection();
    client = await TestClient.open(at.webSocketUrl);
    clientId = await reported;
    await add(clientId);
  });
  afterEach(async () => {
    for (const { pk, sk } of await rows()) await remove(pk, sk);
    await client.close();
  });

  const add = async (id: string, facts: Partial<Connections.Connection> = {}) => {
    const connection = {
      id,
      user: { id: "ana", name: "Ana" },
      connectedAt: Date.now(),
      tokenExpiresAt: Date.now() + HOUR_MS,
      ...facts,
    };
    await connections.addConnection(CONNECTIONS as never, connection, 60_000, ["lobby"]);
    await join.enterFirst(CONNECTIONS as never, connection, "lobby");
  };
  const ask = async (operation: string, request: object) =>
    JSON.parse((await at.cloud.store.call(operation, JSON.stringify({ TableName: CONNECTIONS, ...request }))).body);
  const rows = async (): Promise<{ pk: string; sk: string; expiresAt: number }[]> => {
    const items: Record<string, { S: string; N: string }>[] = [];
    let ExclusiveStartKey: object | undefined;
    do {
      const { Items, LastEvaluatedKey } = await ask("Scan", { ExclusiveStartKey });
      items.push(...Items);
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return items.map(({ pk, sk, expiresAt }) => ({
      pk: pk?.S as string,
      sk: sk?.S as string,
      expiresAt: Number(expiresAt?.N),
    }));
  };
  const remove = (pk: string, sk: string) => ask("DeleteItem", { Key: { pk: { S: pk }, sk: { S: sk } } });
  /** Number of a connection's rows, except for the one by which the sweep finds it, which expires later. */
  const rowsOf = async (id: string) =>
    (await rows()).filter(({ pk, sk }) => `${pk} ${sk}`.includes(id) && !pk.startsWith("DUE#")).length;

  const minuteOf = (ms: number) => Math.floor(ms / 60_000);
  /** Minutes in which the sweep has to check a connection. */
  const minutesOf = async (id: string) =>
    (await rows()).flatMap(({ pk, sk }) =>
      sk === `CONN#${id}` && pk.startsWith("DUE#") ? [Number(pk.split("#")[1])] : [],
    );

  test("a stale row doesn't make a send fail, and the dead connection is due for the sweep", async () => {
    const before = Date.now();
    await add("AAAAAAAAAAAAAAA=", { connectedAt: before - 60_000 });
    expect(await fanOut()).toEqual({ posted: 1, gone: 1, ...NO_FAULT, ranges: 0 });
    const due = await minutesOf("AAAAAAAAAAAAAAA=");
    expect(due.some((minute) => minute >= minuteOf(before) && minute <= minuteOf(Date.now() + 20_000))).toBe(true);
    expect(await rowsOf(clientId)).toBe(4);
    expect(await client.next()).toEqual(EVENT);
  });

  test("a row younger than 30 s is due when it is that old: its $connect might not have returned yet", async () => {
    const connectedAt = Date.now() + 60_000;
    await add("BBBBBBBBBBBBBBB=", { connectedAt });
    expect(await fanOut()).toEqual({ posted: 1, gone: 1, ...NO_FAULT, ranges: 0 });
    expect(await fanOut()).toEqual({ posted: 1, gone: 1, ...NO_FAULT, ranges: 0 });
    expect(await rowsOf("BBBBBBBBBBBBBBB=")).toBe(4);
    expect(await minutesOf("BBBBBBBBBBBBBBB=")).toContain(minuteOf(connectedAt + 30_000));
  });

  test("a post that fails, but not with 410, is counted and doesn't stop the others", async () => {
    await add("not-an-id");
    expect(await fanOut()).toEqual({ posted: 1, gone: 0, ...NO_FAULT, failed: 1, ranges: 0 });
  });

  test("members whose membership or token has expired get nothing, though their rows still exist", async () => {
    await add("CCCCCCCCCCCCCCC=", { connectedAt: Date.now() - 3 * HOUR_MS });
    await add("DDDDDDDDDDDDDDD=", { tokenExpiresAt: Date.now() - 1 });
    expect(await fanOut()).toEqual({ posted: 1, gone: 0, ...NO_FAULT, ranges: 0 });
  });

  test("a room with more than 1 MB of rows is read to the end", async () => {
    const user = { id: "ana", name: "x".repeat(20_000) };
    const ids = Array.from({ length: 60 }, (_, i) => `${String(i).padStart(15, "E")}=`);
    for (const id of ids) await add(id, { user });
    expect(await fanOut()).toEqual({ posted: 1, gone: 60, ...NO_FAULT, ranges: 0 });
  });

  test("a connection's rows outlive its maximum lifetime of two hours", async () => {
    for (const { expiresAt } of await rows()) expect(expiresAt * 1000 - Date.now()).toBeGreaterThan(2 * HOUR_MS);
  });
});
