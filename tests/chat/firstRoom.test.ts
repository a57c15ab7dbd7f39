/** The room that a new connection starts in, tested on the domain directly. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Role } from "../../chat/rooms/roomPolicy.ts";
import { type ChatCloud, CONNECTIONS, startChatCloud } from "./chatCloud.ts";

const TABLE = CONNECTIONS as never;

let at: ChatCloud;
let chat: Awaited<ReturnType<typeof loadChat>>;
let restoreCall = () => {};

beforeAll(async () => {
  at = await startChatCloud();
  chat = await loadChat();
});
afterEach(() => restoreCall());
afterAll(() => at?.stop());

/**
 * Imports the chat's modules. Called only after the local cloud has started, because the modules' SDK clients connect
 * to that cloud.
 */
async function loadChat() {
  return {
    ...(await import("../../chat/connections/connections.ts")),
    ...(await import("../../chat/rooms/ban.ts")),
    ...(await import("../../chat/rooms/join.ts")),
    ...(await import("../../chat/rooms/roles.ts")),
  };
}

/** Opens a connection that starts in this room, as `$connect` does. */
async function start(room: string, role?: Role): Promise<string> {
  const id = `${randomUUID().slice(0, 15)}=`;
  const user = { id: `user of ${id}`, name: "Ana" };
  if (role !== undefined) await chat.setRole(TABLE, room, user.id, role);
  const connection = { id, user, connectedAt: Date.now(), tokenExpiresAt: Date.now() + 3_600_000 };
  await chat.addConnection(TABLE, connection, 60_000, [room]);
  await chat.enterFirst(TABLE, connection, room);
  return id;
}

/**
 * Reads a connection's rows in a room.
 *
 * @returns what the room's row says (`barred` if a ban came first), and whether the connection has a row of its own
 */
async function placeOf(id: string, room: string) {
  const own = (await chat.membershipsOf(TABLE, id)).some((membership) => membership.room === room);
  const [, Key] = chat.membershipKeys(id, room);
  const key = { pk: { S: Key.pk }, sk: { S: Key.sk } };
  const answer = await at.cloud.store.call("GetItem", JSON.stringify({ TableName: CONNECTIONS, Key: key }));
  const row = JSON.parse(answer.body).Item;
  const inRoom = row === undefined ? "absent" : row.tokenExpiresAt.N === "0" ? "barred" : "member";
  return { own, inRoom };
}

/** Runs something once, just before an operation reaches the tables. */
function before(operation: string, act: () => Promise<unknown>): void {
  const { call } = at.cloud.store;
  restoreCall = () => {
    at.cloud.store.call = call;
  };
  at.cloud.store.call = async (name, body) => {
    if (name === operation) {
      restoreCall();
      await act();
    }
    return call.call(at.cloud.store, name, body);
  };
}

const ban = (room: string, userId: string) =>
  chat.ban({ connections: TABLE, posts: at.connectionsUrl as never }, room, userId);

test("a connection starts in a public room, and its own row names the room", async () => {
  expect(await placeOf(await start("lobby"), "lobby")).toEqual({ own: true, inRoom: "member" });
});

test("a banned person's connection is in no room and leaves no row", async () => {
  expect(await placeOf(await start("lobby", "banned"), "lobby")).toEqual({ own: false, inRoom: "absent" });
});

test("a private room takes only people with a role", async () => {
  expect(await placeOf(await start("private-a"), "private-a")).toEqual({ own: false, inRoom: "absent" });
  expect(await placeOf(await start("private-a", "member"), "private-a")).toEqual({ own: true, inRoom: "member" });
});

test.each([
  ["before the connection's rows are there", "BatchWriteItem"],
  ["before the room's row is there", "PutItem"],
  ["before the role is read", "BatchGetItem"],
])("a ban that comes %s keeps the person out", async (_, operation) => {
  const id = `${randomUUID().slice(0, 15)}=`;
  const user = { id: `user of ${id}`, name: "Ana" };
  const connection = { id, user, connectedAt: Date.now(), tokenExpiresAt: Date.now() + 3_600_000 };
  before(operation, () => ban("lobby", user.id));
  await chat.addConnection(TABLE, connection, 60_000, ["lobby"]);
  await chat.enterFirst(TABLE, connection, "lobby");
  expect(await placeOf(id, "lobby")).toMatchObject({ own: false, inRoom: expect.not.stringMatching("member") });
});

test("a connection that is already in the room is barred when its user is banned", async () => {
  const id = await start("lobby");
  await ban("lobby", `user of ${id}`);
  expect(await placeOf(id, "lobby")).toEqual({ own: false, inRoom: "barred" });
});
