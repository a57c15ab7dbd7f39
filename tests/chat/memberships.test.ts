/** Tests changes of a membership's two rows, the connection's and the room's, when only one of them is as expected. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Row } from "../../chat/tables/conditionalWrite.ts";
import { type ChatCloud, CONNECTIONS, startChatCloud } from "./chatCloud.ts";

const table = CONNECTIONS as never;
const ROOM = "lobby";

let at: ChatCloud;
let chat: Awaited<ReturnType<typeof loadChat>>;
let connections = 0;

async function loadChat() {
  return {
    ...(await import("../../chat/connections/connections.ts")),
    ...(await import("../../chat/rooms/leave.ts")),
    ...(await import("../../chat/tables/batchWrite.ts")),
  };
}

beforeAll(async () => {
  at = await startChatCloud();
  chat = await loadChat();
});
afterAll(() => at?.stop());

/** Puts the rows of a connection that is in the room. */
async function connected(): Promise<string> {
  connections += 1;
  const id = `connection${connections}`.padEnd(15, "x");
  const user = { id: "ana", name: "Ana" };
  const facts = { connectedAt: Date.now(), tokenExpiresAt: Date.now() + 3_600_000 };
  const row = { ...chat.rowOf({ id, user, ...facts }), joinedAt: Date.now() };
  await put(...[chat.connectionRowKey(id), ...chat.membershipKeys(id, ROOM)].map((key) => ({ ...row, ...key })));
  return id;
}

async function put(...rows: Row[]): Promise<void> {
  await chat.batchWrite(
    table,
    rows.map((Item) => ({ PutRequest: { Item } })),
  );
}

test("a leave that is repeated because its first answer was lost removes the connection's row, too", async () => {
  const id = await connected();
  const [, ofRoom] = chat.leftRows(id, ROOM, Date.now());
  await put(ofRoom);
  await chat.leave(table, id, ROOM);
  const { memberships, left } = await chat.placesOf(table, id);
  expect([memberships, [...left.keys()]]).toEqual([[], [ROOM]]);
});

test("a connection isn't marked as present in a room if only its own row for the room exists, not the room's row", async () => {
  const id = await connected();
  const [, ofRoom] = chat.membershipKeys(id, ROOM);
  await chat.batchWrite(table, [{ DeleteRequest: { Key: ofRoom } }]);
  expect(await chat.markPresent(table, id)).toEqual([]);
  expect((await chat.placesOf(table, id)).memberships).toEqual([{ room: ROOM, user: { id: "ana", name: "Ana" } }]);
});

test("a connection is marked as present once, in both rows of each room", async () => {
  const id = await connected();
  expect(await chat.markPresent(table, id)).toEqual([ROOM]);
  expect((await chat.placesOf(table, id)).memberships).toMatchObject([{ room: ROOM, present: true }]);
  expect(await chat.markPresent(table, id)).toEqual([]);
});
