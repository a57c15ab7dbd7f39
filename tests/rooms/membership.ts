/** Membership of rooms and the rights that come with it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import type { Target } from "../e2e/target.ts";
import { TestClient } from "../webSocketClient.ts";
import { hear, heard, join, request, say, unique } from "./requests.ts";

/** Fields that each action takes besides its room. */
const IN_A_ROOM: Record<string, Record<string, unknown>> = {
  sendMessage: { text: "hi" },
  editMessage: { target: 1, text: "ho" },
  deleteMessage: { target: 1 },
  react: { target: 1, emoji: "👍" },
  getHistory: {},
  setTyping: { typing: true },
  markRead: { seq: 1 },
  listMembers: {},
};

export function describeMembership(start: () => Promise<Target>): void {
  let target: Target;

  beforeAll(async () => {
    target = await start();
  });

  describe("hello", () => {
    test("returns the user, the permissions, and the lobby's head", async () => {
      const ana = await target.connect("ana");
      const { seq } = await say(ana, "lobby", "first");
      expect(await request(ana, "hello", {})).toEqual({
        type: "ready",
        id: expect.any(String),
        connectionId: expect.stringMatching(/.+/),
        user: { id: "ana", name: "ana" },
        expiresAt: expect.toSatisfy((ms: number) => ms > Date.now() + 3_500_000 && ms < Date.now() + 3_700_000),
        expiresInMs: expect.toSatisfy((ms: number) => ms > 3_500_000 && ms <= 3_600_000),
        limits: { textBytes: 8_192, frameBytes: 32_000, pageEntries: 100, rooms: 25 },
        features: [],
        lobby: "lobby",
        heads: { lobby: seq },
      });
    });

    test("adds the connection to its rooms, returns each log's head, and delivers later events", async () => {
      const [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
      const [spoken, silent] = [unique("spoken"), unique("silent")];
      await join(spoken, ana);
      for (const text of ["1", "2"]) await say(ana, spoken, text);

      const { heads } = await request(bob, "hello", { rooms: [{ room: spoken }, { room: silent }] });

      expect(heads).toEqual({ lobby: expect.any(Number), [spoken]: 2, [silent]: 0 });
      await say(ana, spoken, "3");
      expect((await hear(bob, "3")).entries[0].seq).toBe(3);
      expect(await say(bob, silent, "hello?")).toMatchObject({ seq: 1 });
    });

    test("brings back a user whose connection has ended", async () => {
      const [ana, before] = [await target.connect("ana"), await target.connect("bob")];
      const room = unique("room");
      await join(room, ana, before);
      await before.close();
      await say(ana, room, "meanwhile");

      const after = await target.connect("bob");
      const { heads, resets } = await request(after, "hello", { rooms: [{ room, after: 0 }] });
      expect(heads[room]).toBe(1);
      expect(resets).toBeUndefined();
      const { entries } = await request(after, "getHistory", { room, after: 0 });
      expect(entries).toMatchObject([{ text: "meanwhile" }]);
    });

    test("resets a cursor that lies beyond the end of its log, and no other", async () => {
      const ana = await target.connect("ana");
      const [one, other] = [unique("one"), unique("other")];
      await join(one, ana);
      await say(ana, one, "1");
      const rooms = [
        { room: one, after: 1 },
        { room: other, after: 7 },
      ];
      expect((await request(ana, "hello", { rooms })).resets).toEqual([{ room: other, head: 0, reason: "ahead" }]);
    });

    test("accepts 25 rooms in addition to the lobby", async () => {
      const ana = await target.connect("ana");
      const rooms = Array.from({ length: 25 }, () => ({ room: unique("room") }));
      const { heads } = await request(ana, "hello", { rooms });
      expect(Object.keys(heads)).toEqual(["lobby", ...rooms.map(({ room }) => room)]);
      for (const { room } of [rooms[0], rooms[24]] as { room: string }[])
        expect(await say(ana, room, "hi")).toBeDefined();
    });

    test("with more than 25 rooms is refused, and joins none of them", async () => {
      const ana = await target.connect("ana");
      const rooms = Array.from({ length: 26 }, () => ({ room: unique("room") }));
      const answer = await request(ana, "hello", { rooms });
      expect(answer).toMatchObject({ type: "error", code: "BAD_REQUEST", path: "rooms", retryable: false });
      const sent = await request(ana, "sendMessage", { room: rooms[0]?.room, text: "hi" });
      expect(sent).toMatchObject({ code: "NOT_A_MEMBER" });
    });

    test("names the path of an invalid room", async () => {
      const ana = await target.connect("ana");
      const answer = (rooms: unknown) => request(ana, "hello", { rooms });
      expect(await answer([{ room: "a" }, { room: "" }])).toMatchObject({ code: "BAD_REQUEST", path: "rooms.1.room" });
      expect(await answer([{ room: "a", after: -1 }])).toMatchObject({ code: "BAD_REQUEST", path: "rooms.0.after" });
      expect(await answer(["a"])).toMatchObject({ code: "BAD_REQUEST", path: "rooms.0" });
    });

    test("accepts the same room twice, and the lobby by name", async () => {
      const ana = await target.connect("ana");
      const room = unique("room");
      const { heads } = await request(ana, "hello", { rooms: [{ room }, { room: "lobby" }, { room }] });
      expect(Object.keys(heads).sort()).toEqual(["lobby", room]);
    });

    test("accepts rooms with names that JavaScript objects inherit", async () => {
      const ana = await target.connect("ana");
      const names = ["__proto__", "constructor", "toString"];
      const { heads } = await request(ana, "hello", { rooms: names.map((room) => ({ room })) });
      expect(Object.keys(heads).sort()).toEqual(["lobby", ...names].sort());
      expect(await say(ana, "__proto__", "hi")).toMatchObject({ seq: 1 });
    });
  });

  describe("joinRoom", () => {
    test("returns the newest page, and delivers later events", async () => {
      const [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
      const room = unique("room");
      await join(room, ana);
      for (const text of ["1", "2"]) await say(ana, room, text);

      const { type, page } = await request(bob, "joinRoom", { room });

      expect(type).toBe("ack");
      expect(page).toMatchObject({ room, from: 1, through: 2, head: 2, more: false });
      expect(page.entries.map(({ seq, text }: { seq: number; text: string }) => [seq, text])).toEqual([
        [1, "1"],
        [2, "2"],
      ]);
      await say(ana, room, "3");
      expect(await hear(bob, "3")).toMatchObject({ room, entries: [{ seq: 3 }] });
    });

    test("returns the entries after a cursor", async () => {
      const ana = await target.connect("ana");
      const room = unique("room");
      await join(room, ana);
      for (const text of ["1", "2", "3"]) await say(ana, room, text);
      const { page } = await request(ana, "joinRoom", { room, after: 1 });
      expect(page).toMatchObject({ from: 2, through: 3, entries: [{ text: "2" }, { text: "3" }] });
    });

    test("resets a cursor beyond the log's end but still joins", async () => {
      const ana = await target.connect("ana");
      const room = unique("room");
      const answer = await request(ana, "joinRoom", { room, after: 5 });
      expect(answer).toEqual({ type: "ack", id: answer.id, reset: { room, head: 0, reason: "ahead" } });
      expect(await say(ana, room, "hi")).toMatchObject({ seq: 1 });
    });

    test("repeated is the same as once: each event arrives once", async () => {
      const ana = await target.connect("ana");
      const room = unique("room");
      await join(room, ana, ana);
      await say(ana, room, "once");
      await say(ana, room, "then");
      await hear(ana, "then");
      expect(heard(ana)).toEqual(["once"]);
    });

    test("without a room means the lobby", async () => {
      const ana = await target.connect("ana");
      expect((await request(ana, "joinRoom")).page).toMatchObject({ room: "lobby" });
    });
  });

  describe("leaveRoom", () => {
    test("stops events from the room for this connection, and for no other", async () => {
      const [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
      const [bobToo, room] = [await target.connect("bob"), unique("room")];
      await join(room, ana, bob, bobToo);

      const answer = await request(bob, "leaveRoom", { room });

      expect(answer).toEqual({ type: "ack", id: answer.id });
      for (const text of ["1", "2"]) await say(ana, room, text);
      for (const client of [ana, bobToo]) for (const text of ["1", "2"]) await hear(client, text);
      await request(bob, "ping");
      expect(heard(bob)).toEqual([]);
    });

    test("of the lobby stops its events until the user joins it again", async () => {
      const [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
      await request(bob, "leaveRoom");
      await say(ana, "lobby", "without bob");
      await hear(ana, "without bob");
      expect(await request(bob, "sendMessage", { text: "hi" })).toMatchObject({ code: "NOT_A_MEMBER" });
      await request(bob, "hello");
      await say(ana, "lobby", "with bob");
      await hear(bob, "with bob");
      expect(heard(bob)).not.toContain("without bob");
    });

    test("of a room that the user isn't in is acknowledged, and its members aren't told", async () => {
      const [ana, stranger] = [await target.connect("ana"), await target.connect("stranger")];
      const room = unique("room");
      await join(room, ana);
      expect(await request(stranger, "leaveRoom", { room })).toMatchObject({ type: "ack" });
      await request(ana, "ping");
      expect(ana.frames.filter((frame) => frame.room === room)).toEqual([]);
    });
  });

  describe("a person who isn't in a room", () => {
    const actions = Object.entries(IN_A_ROOM).map(([action, fields]) => ({ action, fields }));

    test.each(actions)("can't $action there, before joining or after leaving", async ({ action, fields }) => {
      const [ana, eve] = [await target.connect("ana"), await target.connect("eve")];
      const room = unique("room");
      await join(room, ana);
      await say(ana, room, "for members");
      await hear(ana, "for members");
      const refused = async () => {
        const answer = await request(eve, action, { room, ...fields });
        expect(answer).toEqual({
          type: "error",
          code: "NOT_A_MEMBER",
          message: expect.any(String),
          retryable: false,
          id: answer.id,
        });
      };

      await refused();
      await join(room, eve);
      await request(eve, "leaveRoom", { room });
      await refused();

      await request(ana, "ping");
      expect(ana.frames.filter(({ type }) => type !== "presence")).toEqual([]);
      expect(await request(ana, "ping", { rooms: [room] })).toMatchObject({ heads: { [room]: 1 } });
    });
  });

  test("messages of two rooms don't mix, and each room counts separately", async () => {
    const clients = [await target.connect("ana"), await target.connect("bob"), await target.connect("cleo")] as const;
    const [ana, bob, cleo] = clients;
    const [red, blue] = [unique("red"), unique("blue")];
    await join(red, ana, bob);
    await join(blue, bob, cleo);

    for (const i of [1, 2, 3]) {
      expect(await say(ana, red, `red ${i}`)).toMatchObject({ seq: i });
      expect(await say(cleo, blue, `blue ${i}`)).toMatchObject({ seq: i });
    }

    for (const i of [1, 2, 3]) {
      expect(await hear(bob, `red ${i}`)).toMatchObject({ room: red, entries: [{ seq: i }] });
      expect(await hear(bob, `blue ${i}`)).toMatchObject({ room: blue, entries: [{ seq: i }] });
      await hear(ana, `red ${i}`);
      await hear(cleo, `blue ${i}`);
    }
    for (const client of clients) expect(heard(client)).toEqual([]);
    const texts = async (room: string) =>
      (await request(bob, "getHistory", { room })).entries.map(({ text }: { text: string }) => text);
    expect(await texts(red)).toEqual(["red 1", "red 2", "red 3"]);
    expect(await texts(blue)).toEqual(["blue 1", "blue 2", "blue 3"]);
  });

  test("a target is looked up only in the request's room", async () => {
    const ana = await target.connect("ana");
    const [one, other] = [unique("one"), unique("other")];
    await join(one, ana);
    await join(other, ana);
    await say(ana, one, "1");
    expect(await request(ana, "editMessage", { room: other, target: 1, text: "x" })).toMatchObject({
      code: "NOT_FOUND",
    });
  });

  describe("the name of a room", () => {
    test("in two Unicode normal forms means the same room", async () => {
      const [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
      const [composed, decomposed] = ["café ÅÄ", "cafe\u0301 A\u030aA\u0308"];
      await join(composed, ana);
      await join(decomposed, bob);
      const { seq } = await say(ana, composed, "from composed");
      expect(await hear(bob, "from composed")).toMatchObject({ room: composed });
      expect(await say(bob, decomposed, "from decomposed")).toMatchObject({ seq: seq + 1 });
      const { heads } = await request(ana, "ping", { rooms: [composed, decomposed] });
      expect(heads).toEqual({ [composed]: seq + 1 });
      const rooms = [{ room: composed }, { room: decomposed }];
      expect(Object.keys((await request(ana, "hello", { rooms })).heads)).toEqual(["lobby", composed]);
    });

    const family = "👨‍👩‍👧‍👦";
    let ana: TestClient;
    beforeAll(async () => {
      ana = await target.connect("ana");
    });

    test.each([
      { what: "64 letters", room: "x".repeat(64) },
      { what: "64 letters of two code points each", room: "x\u0302".repeat(64) },
      { what: "64 emojis of 4 bytes", room: "🎉".repeat(64) },
      { what: "10 families, of 25 bytes each", room: family.repeat(10) },
      { what: "characters that separate the parts of keys", room: "#/%23#0" },
    ])("may be $what", async ({ room }) => {
      await join(room, ana);
      await say(ana, room, `hi ${room}`);
      expect(await hear(ana, `hi ${room}`)).toMatchObject({ room });
    });

    test.each([
      { what: "empty", room: "", code: "BAD_REQUEST" },
      { what: "65 letters", room: "x".repeat(65), code: "BAD_REQUEST" },
      { what: "65 emojis", room: "🎉".repeat(65), code: "BAD_REQUEST" },
      { what: "11 families, which are 275 bytes", room: family.repeat(11), code: "TOO_LARGE" },
      { what: "half an emoji", room: "a\ud83c", code: "BAD_REQUEST" },
      { what: "two lines", room: "a\nb", code: "BAD_REQUEST" },
      { what: "a null character", room: "a\u0000", code: "BAD_REQUEST" },
      { what: "one space", room: " ", code: "BAD_REQUEST" },
      { what: "spaces", room: " \u00a0\u2003", code: "BAD_REQUEST" },
      { what: "zero-width characters", room: "\u200b\u200c\u2060", code: "BAD_REQUEST" },
      { what: "direction marks", room: "\u200e\u202e\u2066", code: "BAD_REQUEST" },
      { what: "a number", room: 7, code: "BAD_REQUEST" },
      { what: "null", room: null, code: "BAD_REQUEST" },
    ])("must not be $what", async ({ room, code }) => {
      for (const action of ["joinRoom", "sendMessage", "ping"]) {
        const fields = action === "ping" ? { rooms: [room] } : { room, text: "hi" };
        const answer = await request(ana, action, fields);
        const path = action === "ping" ? "rooms.0" : "room";
        expect({ action, ...answer }).toMatchObject({ action, type: "error", code, path, retryable: false });
      }
    });

    test("that differs only in a key separator means another room", async () => {
      const ana = await target.connect("ana");
      const rooms = ["k", "k#0", "k#", "k/0", "k%230", "K"];
      for (const room of rooms) await join(room, ana);
      for (const room of rooms) expect(await say(ana, room, room)).toMatchObject({ seq: 1 });
      for (const room of rooms) expect(await hear(ana, room)).toMatchObject({ room });
      expect(heard(ana)).toEqual([]);
    });
  });

  describe("ping", () => {
    test("returns the heads of the requested rooms that the connection is in", async () => {
      const [ana, eve] = [await target.connect("ana"), await target.connect("eve")];
      const [one, silent, other] = [unique("one"), unique("silent"), unique("other")];
      await join(one, ana, eve);
      await join(silent, ana);
      await join(other, eve);
      await say(eve, one, "1");
      await say(eve, other, "1");
      const rooms = [one, silent, other, "nobody is here"];
      expect(await request(ana, "ping", { rooms })).toMatchObject({ type: "pong", heads: { [one]: 1, [silent]: 0 } });
      expect(Object.keys((await request(ana, "ping", { rooms })).heads)).toEqual([one, silent]);
    });

    test("no longer returns the head of a room that was left", async () => {
      const ana = await target.connect("ana");
      const room = unique("room");
      await join(room, ana);
      await request(ana, "leaveRoom", { room });
      expect((await request(ana, "ping", { rooms: [room] })).heads).toEqual({});
    });

    test("accepts at most 25 rooms, and the same one twice", async () => {
      const ana = await target.connect("ana");
      const rooms = Array.from({ length: 25 }, () => "lobby");
      expect(await request(ana, "ping", { rooms })).toMatchObject({ heads: { lobby: expect.any(Number) } });
      const refused = await request(ana, "ping", { rooms: [...rooms, "lobby"] });
      expect(refused).toMatchObject({ code: "BAD_REQUEST", path: "rooms" });
    });

    test("without rooms returns no heads", async () => {
      const ana = await target.connect("ana");
      expect(await request(ana, "ping", { rooms: [] })).not.toHaveProperty("heads");
    });
  });

  describe("after its token has expired, a connection", () => {
    const tokenFor = (user: string, expiresIn?: number) =>
      requestToken(target.issuer as string, { user, ...(expiresIn === undefined ? {} : { expiresIn }) });
    const opened: TestClient[] = [];
    /** A connection whose token was accepted when it opened, because of the clock skew, but has expired now. */
    const expired = async (user: string) => {
      const client = await TestClient.open(target.url, ["chat.v1", `bearer.${await tokenFor(user, -1)}`]);
      opened.push(client);
      return client;
    };
    afterAll(() => {
      for (const { socket } of opened) socket.terminate();
    });

    test("is refused everything with TOKEN_EXPIRED, until refreshToken", async () => {
      const late = await expired("late");
      const requests = { hello: {}, joinRoom: {}, ping: {}, listRooms: {}, ...IN_A_ROOM, leaveRoom: {} };
      for (const [action, fields] of Object.entries(requests)) {
        const answer = await request(late, action, fields);
        expect({ action, ...answer }).toMatchObject({ action, type: "error", code: "TOKEN_EXPIRED", retryable: false });
      }
      const token = await tokenFor("late");
      const ack = await request(late, "refreshToken", { token });
      const times = { expiresAt: expect.any(Number), expiresInMs: expect.any(Number) };
      expect(ack).toEqual({ type: "ack", id: ack.id, ...times });
      expect(ack.expiresAt).toBeGreaterThan(Date.now() + 3_000_000);
      expect(await request(late, "hello")).toMatchObject({ type: "ready", expiresAt: ack.expiresAt });
      for (const action of ["sendMessage", "getHistory", "listMembers"]) {
        const answer = await request(late, action, IN_A_ROOM[action]);
        expect({ action, ...answer }).not.toMatchObject({ type: "error" });
      }
    });

    test("gets no events either, until refreshToken", async () => {
      const [ana, late] = [await target.connect("ana"), await expired("late")];
      for (const text of ["unheard 1", "unheard 2"]) {
        await say(ana, "lobby", text);
        await hear(ana, text);
      }
      await request(late, "refreshToken", { token: await tokenFor("late") });
      await say(ana, "lobby", "heard");
      await hear(late, "heard");
      expect(heard(late)).toEqual([]);
    });

    test("isn't readmitted by another person's token, or without one", async () => {
      const late = await expired("late");
      const refresh = async (token: unknown) => request(late, "refreshToken", { token });
      expect(await refresh(await tokenFor("eve"))).toMatchObject({
        type: "error",
        code: "FORBIDDEN",
        retryable: false,
      });
      expect(await refresh("garbage")).toMatchObject({ type: "error", code: "UNAUTHORIZED", retryable: false });
      expect(await refresh(await tokenFor("late", -60))).toMatchObject({ code: "UNAUTHORIZED" });
      expect(await refresh("")).toMatchObject({ code: "BAD_REQUEST", path: "token" });
      expect(await refresh(undefined)).toMatchObject({ code: "BAD_REQUEST", path: "token" });
      expect(await request(late, "sendMessage", { text: "hi" })).toMatchObject({ code: "TOKEN_EXPIRED" });
    });
  });
}
