/** Tests people in a great many rooms, by calling the domain and its handlers directly. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type * as Handler from "../../handlers/listRooms.ts";
import type { RoomsFrame } from "../../protocol/responses.ts";
import { type ChatCloud, CONNECTIONS, MESSAGES, startChatCloud } from "./chatCloud.ts";

const TABLE = CONNECTIONS as never;

let at: ChatCloud;
let listRooms: typeof Handler.listRooms;
let chat: Awaited<ReturnType<typeof loadChat>>;

beforeAll(async () => {
  at = await startChatCloud();
  const rate = { perSecond: 1_000, burst: 1_000 };
  Object.assign(process.env, {
    CONNECTIONS_TABLE: CONNECTIONS,
    MESSAGES_TABLE: MESSAGES,
    CONNECTIONS_URL: at.connectionsUrl,
    RETENTION_DAYS: "0",
    LOBBY: "lobby",
    LIMITS: JSON.stringify({ appends: rate, frames: rate, connects: rate, room: rate, strikes: 20 }),
  });
  ({ listRooms } = await import("../../handlers/listRooms.ts"));
  chat = await loadChat();
});
afterAll(() => at?.stop());
afterEach(() => {
  vi.restoreAllMocks();
});

/**
 * Imports the chat's modules. Called only after the local cloud has started, because the modules' SDK clients connect
 * to that cloud.
 */
async function loadChat() {
  return {
    ...(await import("../../chat/connections/connections.ts")),
    ...(await import("../../chat/presence/departures.ts")),
    ...(await import("../../chat/rooms/join.ts")),
    ...(await import("../../chat/rooms/members.ts")),
    ...(await import("../../chat/tables/batchWrite.ts")),
    ...(await import("../../chat/rooms/readMarkers.ts")),
  };
}

/** All pages of a person's rooms. */
async function pagesOf(user: string): Promise<string[]> {
  const pages: string[] = [];
  vi.spyOn(console, "log").mockImplementation(() => {});
  let more = true;
  for (let after: string | undefined; more; ) {
    const authorizer = { principalId: user, name: user, tokenExpiresAt: String(Date.now() + 60_000) };
    const requestContext = { connectionId: "c", requestId: "r", routeKey: "listRooms", authorizer } as never;
    const { body = "" } = await listRooms({ requestContext, body: JSON.stringify({ action: "listRooms", after }) });
    const page: RoomsFrame = JSON.parse(body);
    pages.push(body);
    after = page.rooms.at(-1)?.room;
    more = page.more;
  }
  return pages;
}

test.each([
  { what: "exactly one full page", count: 100, name: "short", pages: 1 },
  { what: "one room more than a page", count: 101, name: "short", pages: 2 },
  { what: "with the longest names", count: 120, name: `\\${"🎉".repeat(60)}`, pages: 2 },
])("each room is listed once, in order: $what", async ({ what, count, name, pages: atLeast }) => {
  const rooms = Array.from({ length: count }, (_, i) => `${String(i).padStart(3, "0")}${name}`);
  await Promise.all(rooms.map((room) => chat.listRoom(TABLE, what, room)));
  const pages = await pagesOf(what);
  expect(pages.flatMap((body) => (JSON.parse(body) as RoomsFrame).rooms.map(({ room }) => room))).toEqual(rooms);
  expect(pages.length).toBeGreaterThanOrEqual(atLeast);
  for (const body of pages) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(32_000);
});

describe("a connection in 120 rooms", () => {
  const rooms = Array.from({ length: 120 }, (_, i) => `room ${i}`);
  const user = { id: "ana", name: "Ana" };
  const tokenExpiresAt = Date.now() + 3_600_000;
  const membersIn = async (room: string) => {
    const found: string[] = [];
    for await (const { members } of chat.membersOf(TABLE, room)) found.push(...members.map(({ id }) => id));
    return found;
  };
  const joinAll = async (id: string) => {
    await chat.addConnection(TABLE, { id, user, connectedAt: Date.now(), tokenExpiresAt }, 60_000);
    await Promise.all(
      rooms.map((room) => chat.join(TABLE, { connectionId: id, user, tokenExpiresAt }, [room], rooms.length)),
    );
  };

  test("is removed from all of them when it ends", async () => {
    await joinAll("ends");
    await chat.depart(TABLE, { id: "ends", user });
    for (const room of rooms) expect({ room, members: await membersIn(room) }).toEqual({ room, members: [] });
    expect(await chat.connectionOf(TABLE, "ends")).toBeUndefined();
  });

  test("has its new token's expiry in all of them", async () => {
    await joinAll("renewed");
    await chat.renewToken(TABLE, "renewed", tokenExpiresAt + 1);
    for (const room of rooms) {
      expect(await chat.membershipOf(TABLE, "renewed", room)).toMatchObject({ tokenExpiresAt: tokenExpiresAt + 1 });
    }
  });
});

/** Pauses, in milliseconds, before a batch retries the writes that the table has left unprocessed. */
const PAUSES = [20, 40, 80, 160, 320, 640, 1_280];

test("more writes than fit into one batch are all done, without pauses while the table processes them", async () => {
  const puts = Array.from({ length: 250 }, (_, i) => ({ PutRequest: { Item: { pk: "many", sk: `${i}` } } }));
  const timers = vi.spyOn(globalThis, "setTimeout");
  await chat.batchWrite(TABLE, puts as never);
  expect(timers.mock.calls.filter(([, ms]) => PAUSES.includes(ms as number))).toEqual([]);
});
