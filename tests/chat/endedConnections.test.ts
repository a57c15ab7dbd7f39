/** Tests presence announcements in rooms where a connection has ended, even if a late join has left its row there. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { User } from "../../protocol/entries.ts";
import { type AwsEndpoint, startAwsEndpoint } from "./awsEndpoint.ts";
import { type ChatCloud, CONNECTIONS, startChatCloud } from "./chatCloud.ts";

const ANA: User = { id: "ana", name: "Ana" };
const BEN: User = { id: "ben", name: "Ben" };

let at: ChatCloud;
let gateway: AwsEndpoint;
let chat: Awaited<ReturnType<typeof loadChat>>;
let room = "";
let rooms = 0;

async function loadChat() {
  return {
    ...(await import("../../chat/presence/announce.ts")),
    ...(await import("../../chat/presence/departures.ts")),
    ...(await import("../../chat/connections/connections.ts")),
    ...(await import("../../chat/tables/batchWrite.ts")),
  };
}

beforeAll(async () => {
  [at, gateway] = await Promise.all([startChatCloud(), startAwsEndpoint()]);
  chat = await loadChat();
});
afterAll(async () => {
  gateway?.stop();
  await at?.stop();
});

beforeEach(async () => {
  rooms += 1;
  room = `room ${rooms}`;
  gateway.asked = [];
  await join("listener", BEN, { exists: true });
});

const deps = () => ({ connections: CONNECTIONS as never, posts: `${gateway.url}/dev` });

/**
 * Puts a connection's rows in the room, and its own row if the connection still exists.
 *
 * @returns the connection's id
 */
async function join(name: string, user: User, { exists }: { exists: boolean }): Promise<string> {
  const id = `${rooms}${name}`.padEnd(15, "x");
  const facts = { connectedAt: Date.now(), tokenExpiresAt: Date.now() + 3_600_000, present: true as const };
  const row = { ...chat.rowOf({ id, user, ...facts }), joinedAt: Date.now() };
  const keys = [...chat.membershipKeys(id, room), ...(exists ? [chat.connectionRowKey(id)] : [])];
  await chat.batchWrite(
    CONNECTIONS as never,
    keys.map((key) => ({ PutRequest: { Item: { ...key, ...row } } })),
  );
  return id;
}

const announced = () => gateway.asked.map(({ body }) => JSON.parse(body)).map(({ user, online }) => [user.id, online]);

test("a departure is announced although the row of another connection that has ended is still there", async () => {
  await join("ended", ANA, { exists: false });
  await chat.announceDepartures(deps(), new Map([[room, [ANA]]]));
  expect(announced()).toEqual([["ana", false]]);
});

test("a departure isn't announced while another connection exists", async () => {
  await join("other", ANA, { exists: true });
  await chat.announceDepartures(deps(), new Map([[room, [ANA]]]));
  expect(announced()).toEqual([]);
});

test("an arrival is announced although the row of an earlier connection that has ended is still there", async () => {
  await join("ended", ANA, { exists: false });
  const id = await join("new", ANA, { exists: true });
  await chat.announceArrival(deps(), { id, user: ANA }, [room]);
  expect(announced()).toContainEqual(["ana", true]);
});

test("an arrival isn't announced while an earlier connection exists", async () => {
  await join("earlier", ANA, { exists: true });
  const id = await join("new", ANA, { exists: true });
  await chat.announceArrival(deps(), { id, user: ANA }, [room]);
  expect(announced()).toEqual([]);
});

test("an arrival is announced even if a later connection that relied on this announcement has just ended", async () => {
  const id = await join("slow", ANA, { exists: true });
  await chat.depart(CONNECTIONS as never, { id: await join("later", ANA, { exists: true }), user: ANA });
  await chat.announceArrival(deps(), { id, user: ANA }, [room]);
  expect(announced()).toEqual([["ana", true]]);
});

test("an arrival isn't announced if it replaces a connection that has just ended", async () => {
  await chat.depart(CONNECTIONS as never, { id: await join("earlier", ANA, { exists: true }), user: ANA });
  const ended = Date.now();
  while (Date.now() === ended) await new Promise((resolve) => setImmediate(resolve));
  const id = await join("new", ANA, { exists: true });
  await chat.announceArrival(deps(), { id, user: ANA }, [room]);
  expect(announced()).toEqual([]);
});
