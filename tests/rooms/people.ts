/** People in rooms: presence, typing, and read markers. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Target } from "../e2e/target.ts";
import type { Frame, TestClient } from "../webSocketClient.ts";
import { hear, join, request, say, unique } from "./requests.ts";

const ANA = { id: "ana", name: "ana" };
const BOB = { id: "bob", name: "bob" };

/** Maximum time until a departure is announced: up to 8 s until its time slot is over, plus the announcement itself. */
const ANNOUNCED_MS = 15_000;

export function describePeople(start: () => Promise<Target>): void {
  let target: Target;
  let ana: TestClient;
  let bob: TestClient;
  let room = "";

  beforeAll(async () => {
    target = await start();
    [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
  });

  beforeEach(async () => {
    room = unique("room");
    await join(room, ana, bob);
  });

  const ofType = (wanted: string) => (frame: Frame) => frame.type === wanted && frame.room === room;

  describe("setTyping", () => {
    test("reaches the others in the room, but not the sender or people elsewhere, and isn't answered", async () => {
      const [cleo, elsewhere] = [await target.connect("cleo"), await target.connect("dora")];
      await join(room, cleo);
      for (const client of [ana, bob]) client.frames.length = 0;
      ana.send({ id: "t1", action: "setTyping", room, typing: true });
      for (const client of [bob, cleo]) {
        expect(await client.next(ofType("typing"))).toEqual({ type: "typing", room, user: ANA, typing: true });
      }
      ana.send({ action: "setTyping", room, typing: false });
      expect(await bob.next(ofType("typing"))).toEqual({ type: "typing", room, user: ANA, typing: false });
      for (const client of [ana, elsewhere]) await request(client, "ping");
      for (const client of [ana, elsewhere]) expect(client.frames.filter(({ type }) => type === "typing")).toEqual([]);
    });

    test("is not part of the log", async () => {
      ana.send({ action: "setTyping", room, typing: true });
      await bob.next(ofType("typing"));
      expect(await request(ana, "ping", { rooms: [room] })).toMatchObject({ heads: { [room]: 0 } });
    });

    test("without a valid typing field is refused with the path", async () => {
      for (const typing of [undefined, "true", 1, null]) {
        const answer = await request(ana, "setTyping", { room, typing });
        expect({ typing, ...answer }).toMatchObject({ typing, type: "error", code: "BAD_REQUEST", path: "typing" });
      }
    });
  });

  describe("markRead", () => {
    /** The room's entry in a person's list, which may have more than one page. */
    const readOf = async (client: TestClient) => {
      const { rooms } = await request(client, "listRooms", { after: room.slice(0, -1) });
      return rooms.find((listed: { room: string }) => listed.room === room);
    };

    beforeEach(async () => {
      for (const text of ["1", "2", "3"]) {
        await say(ana, room, text);
        await hear(bob, text);
      }
    });

    test("reaches the others and counts unread messages", async () => {
      expect(await readOf(bob)).toEqual({ room, head: 3, read: 0, unread: 3 });
      bob.send({ action: "markRead", room, seq: 2 });
      expect(await ana.next(ofType("read"))).toEqual({ type: "read", room, user: BOB, seq: 2 });
      expect(await readOf(bob)).toEqual({ room, head: 3, read: 2, unread: 1 });
      // A person's own messages aren't unread.
      expect(await readOf(ana)).toMatchObject({ read: 0, unread: 0 });
      expect(bob.frames.filter(ofType("read"))).toEqual([]);
    });

    test("only moves forward: an older or equal position is ignored", async () => {
      bob.send({ action: "markRead", room, seq: 3 });
      await ana.next(ofType("read"));
      for (const seq of [1, 3]) {
        const passed = () =>
          target.cloud?.reports.filter((r) => r.event === "log" && r.line.includes("was read")).length;
        const before = passed();
        bob.send({ action: "markRead", room, seq });
        await target.cloud?.waitFor("log", ({ line }) => line.includes("was read") && passed() !== before);
      }
      expect(await readOf(bob)).toMatchObject({ read: 3, unread: 0 });
      await request(ana, "ping");
      expect(ana.frames.filter(ofType("read"))).toEqual([]);
    });

    test("is shared by a person's devices", async () => {
      const bobToo = await target.connect("bob");
      await join(room, bobToo);
      bobToo.send({ action: "markRead", room, seq: 2 });
      expect(await bob.next(ofType("read"))).toMatchObject({ user: BOB, seq: 2 });
      expect(await readOf(bob)).toMatchObject({ read: 2 });
    });

    test("beyond the end is NOT_FOUND and moves nothing", async () => {
      const answer = await request(bob, "markRead", { room, seq: 4 });
      expect(answer).toMatchObject({ type: "error", code: "NOT_FOUND", retryable: false });
      expect(await readOf(bob)).toMatchObject({ read: 0 });
      bob.send({ action: "markRead", room, seq: 3 });
      expect(await ana.next(ofType("read"))).toMatchObject({ seq: 3 });
    });

    test("of an invalid position is refused with the path", async () => {
      for (const seq of [0, -1, 1.5, "1", null, undefined]) {
        expect(await request(bob, "markRead", { room, seq })).toMatchObject({ code: "BAD_REQUEST", path: "seq" });
      }
    });

    test("survives the connection and a rejoin", async () => {
      bob.send({ action: "markRead", room, seq: 2 });
      await ana.next(ofType("read"));
      const bobToo = await target.connect("bob");
      await join(room, bobToo);
      expect(await readOf(bobToo)).toMatchObject({ read: 2, unread: 1 });
    });
  });

  describe("listRooms", () => {
    test("lists a person's rooms by name, without those that they have left", async () => {
      const [ida, idaToo] = [await target.connect("ida"), await target.connect("ida")];
      for (const name of ["b of ida", "a of ida", "#", "é", "lobby"]) await join(name, ida);
      await join("left", ida);
      await request(ida, "leaveRoom", { room: "left" });
      await say(ida, "a of ida", "hi");
      const nothing = { head: 0, read: 0, unread: 0 };
      for (const client of [ida, idaToo]) {
        const answer = await request(client, "listRooms");
        expect(answer).toEqual({
          type: "rooms",
          id: answer.id,
          rooms: [
            { room: "#", ...nothing },
            { room: "a of ida", head: 1, read: 0, unread: 0 },
            { room: "b of ida", ...nothing },
            expect.objectContaining({ room: "lobby", read: 0, unread: expect.any(Number) }),
            { room: "é", ...nothing },
          ],
          more: false,
        });
      }
    });

    test("continues after a room", async () => {
      const fay = await target.connect("fay");
      for (const name of ["a", "b", "c"]) await join(name, fay);
      const names = async (after: string) =>
        (await request(fay, "listRooms", { after })).rooms.map((listed: { room: string }) => listed.room);
      expect(await names("a")).toEqual(["b", "c"]);
      expect(await names("bb")).toEqual(["c"]);
      expect(await names("c")).toEqual([]);
    });

    test("for a person without rooms is empty", async () => {
      const gus = await target.connect("gus");
      expect(await request(gus, "listRooms")).toMatchObject({ rooms: [], more: false });
    });
  });

  describe("listMembers", () => {
    const members = async (client = ana) => {
      const answer = await request(client, "listMembers", { room });
      expect(answer).toMatchObject({ type: "presence", room, more: false });
      return answer.members.map(({ id }: { id: string }) => id).sort();
    };

    test("names everyone in the room once", async () => {
      const bobToo = await target.connect("bob");
      await join(room, bobToo);
      await target.connect("elsewhere");
      expect(await members()).toEqual(["ana", "bob"]);
      const { members: people } = await request(ana, "listMembers", { room });
      expect(people).toEqual(expect.arrayContaining([ANA, BOB]));
    });

    test("omits people who have left or whose connection has ended", async () => {
      const [cleo, dora] = [await target.connect("cleo"), await target.connect("dora")];
      await join(room, cleo, dora);
      expect(await members()).toEqual(["ana", "bob", "cleo", "dora"]);
      await request(cleo, "leaveRoom", { room });
      expect(await members()).toEqual(["ana", "bob", "dora"]);
      await dora.close();
      await ana.next((frame) => ofType("presence")(frame) && frame.user.id === "dora" && !frame.online, ANNOUNCED_MS);
      expect(await members()).toEqual(["ana", "bob"]);
    });
  });
}
