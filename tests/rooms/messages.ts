/** Messages and changes to them: edits, deletions, reactions, replies, retries. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Target } from "../e2e/target.ts";
import type { Frame, TestClient } from "../webSocketClient.ts";
import { hear, heard, join, request, say, unique } from "./requests.ts";

export function describeMessages(start: () => Promise<Target>): void {
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

  const eventOf = (client: TestClient, seq: number): Promise<Frame> =>
    client.next(({ type, entries, ...event }) => type === "event" && event.room === room && entries[0].seq === seq);
  const history = async (fields = {}) => (await request(ana, "getHistory", { room, ...fields })).entries;
  /** Makes the newest position void with an unmarked retry. @returns that position */
  async function voidPosition(client: TestClient): Promise<number> {
    const id = unique("twice");
    const { seq } = await say(client, room, "said twice", { id });
    await say(client, room, "said twice", { id });
    return seq + 1;
  }

  describe("editMessage", () => {
    test("by the message's author reaches everyone and is appended to the log, and the message stays as it was", async () => {
      const { seq } = await say(ana, room, "helo");
      const ack = await request(ana, "editMessage", { room, target: seq, text: "hello" });
      expect(ack).toEqual({ type: "ack", id: ack.id, seq: seq + 1, sentAt: expect.any(Number) });
      const edit = {
        seq: seq + 1,
        kind: "edit",
        target: seq,
        text: "hello",
        id: ack.id,
        user: { id: "ana", name: "ana" },
        sentAt: ack.sentAt,
      };
      for (const client of [ana, bob]) {
        expect(await eventOf(client, seq + 1)).toEqual({ type: "event", room, entries: [edit] });
      }
      expect(await history()).toMatchObject([{ kind: "message", text: "helo" }, edit]);
    });

    test("by the message's author also works from another connection, and again after an edit", async () => {
      const { seq } = await say(ana, room, "helo");
      const anaToo = await target.connect("ana");
      await join(room, anaToo);
      for (const text of ["hello", "hallo"]) {
        expect(await request(anaToo, "editMessage", { room, target: seq, text })).toMatchObject({ type: "ack" });
      }
    });
  });

  describe("deleteMessage", () => {
    test("by the message's author reaches everyone and follows the erased message in the log", async () => {
      const { seq, sentAt } = await say(ana, room, "oops");
      const ack = await request(ana, "deleteMessage", { room, target: seq });
      expect(ack).toMatchObject({ type: "ack", seq: seq + 1 });
      for (const client of [ana, bob]) {
        expect((await eventOf(client, seq + 1)).entries).toMatchObject([{ kind: "delete", target: seq, id: ack.id }]);
      }
      const user = { id: "ana", name: "ana" };
      expect(await history()).toMatchObject([
        { seq, kind: "message", text: "", erased: true, user, sentAt },
        { kind: "delete", target: seq },
      ]);
    });

    test("leaves no text of the message and its edits in any frame to a later reader", async () => {
      const canary = unique("canary");
      const { seq } = await say(ana, room, canary);
      await say(bob, room, "an answer", { replyTo: seq });
      for (const text of [`${canary}!`, `${canary}?`]) {
        expect(await request(ana, "editMessage", { room, target: seq, text })).toMatchObject({ type: "ack" });
      }
      await request(bob, "react", { room, target: seq, emoji: "👍" });
      await request(ana, "deleteMessage", { room, target: seq });

      const frames: string[] = [];
      const later = await target.connect("later");
      for (const client of [later, bob]) client.socket.on("message", (data: Buffer) => frames.push(String(data)));
      await request(later, "hello", { rooms: [{ room, after: 0 }] });
      for (const after of [undefined, 0, 1, 3]) {
        await request(later, "joinRoom", { room, ...(after === undefined ? {} : { after }) });
        await request(later, "getHistory", { room, ...(after === undefined ? {} : { after }) });
      }
      for (const before of [2, 3, 5, 7]) await request(bob, "getHistory", { room, before });
      await request(later, "listRooms");
      expect(frames.length).toBeGreaterThan(13);
      expect(frames.join("\n")).toContain("an answer");
      expect(frames.join("\n")).not.toContain(canary);
    });

    test("is final: later changes to the message are NOT_FOUND and claim no position", async () => {
      const { seq } = await say(ana, room, "oops");
      const { seq: head } = await request(ana, "deleteMessage", { room, target: seq });
      for (const [action, fields] of [
        ["editMessage", { text: "hi" }],
        ["react", { emoji: "👍" }],
        ["deleteMessage", {}],
      ] as const) {
        const answer = await request(ana, action, { room, target: seq, ...fields });
        expect({ action, ...answer }).toMatchObject({ action, type: "error", code: "NOT_FOUND", retryable: false });
      }
      expect(await request(ana, "ping", { rooms: [room] })).toMatchObject({ heads: { [room]: head } });
    });

    test("doesn't change that requests acknowledged before it are duplicates when they are sent again", async () => {
      const { seq } = await say(ana, room, "oops");
      const frames = [
        { id: unique("e"), action: "editMessage", room, target: seq, text: "hi" },
        { id: unique("r"), action: "react", room, target: seq, emoji: "👍" },
        { id: unique("d"), action: "deleteMessage", room, target: seq },
      ];
      const acks: Frame[] = [];
      for (const frame of frames) acks.push(await ana.ask(frame));
      for (const [i, frame] of frames.entries()) {
        for (const retry of [true, false])
          expect(await ana.ask({ ...frame, retry })).toEqual({ ...acks[i], duplicate: true });
        const other = { ...frame, target: seq + 1 };
        expect(await ana.ask(other)).toMatchObject({ type: "error", code: expect.stringMatching(/CONFLICT|FOUND/) });
      }
      expect(await history()).toHaveLength(4);
    });
  });

  test.each([
    { action: "editMessage", fields: { text: "mine" } },
    { action: "deleteMessage", fields: {} },
  ])("$action by somebody else is FORBIDDEN, and nobody is told", async ({ action, fields }) => {
    const { seq } = await say(ana, room, "ana's");
    const answer = await request(bob, action, { room, target: seq, ...fields });
    expect(answer).toMatchObject({ type: "error", code: "FORBIDDEN", retryable: false });
    await say(ana, room, "then");
    await hear(bob, "then");
    expect(bob.frames.filter(({ entries }) => entries?.[0].target === seq)).toEqual([]);
    expect(await history()).toHaveLength(2);
  });

  describe.each([
    { action: "editMessage", fields: { text: "mine" } },
    { action: "deleteMessage", fields: {} },
    { action: "react", fields: { emoji: "👍" } },
  ])("$action", ({ action, fields }) => {
    const about = (client: TestClient, to: unknown) => request(client, action, { room, target: to, ...fields });

    test("of an entry that isn't a message is NOT_FOUND and claims no position", async () => {
      const { seq: message } = await say(ana, room, "hi");
      const { seq: edit } = await request(ana, "editMessage", { room, target: message, text: "ho" });
      const { seq: reaction } = await request(ana, "react", { room, target: message, emoji: "👍" });
      const { seq: deletion } = await request(ana, "deleteMessage", { room, target: message });
      const nothing = await voidPosition(ana);
      const targets = { edit, reaction, deletion, nothing, beyond: nothing + 1, farBeyond: Number.MAX_SAFE_INTEGER };
      for (const [what, to] of Object.entries(targets)) {
        const answer = await about(ana, to);
        expect({ what, ...answer }).toMatchObject({ what, type: "error", code: "NOT_FOUND", retryable: false });
      }
      expect(await request(ana, "ping", { rooms: [room] })).toMatchObject({ heads: { [room]: nothing } });
    });

    test("of an invalid position is refused with the path", async () => {
      for (const to of [0, -1, 1.5, "1", null, undefined, 2 ** 53, [1]]) {
        const answer = await about(ana, to);
        expect({ to, ...answer }).toMatchObject({ to, type: "error", code: "BAD_REQUEST", path: "target" });
      }
    });

    test("that is sent again takes effect once", async () => {
      const { seq } = await say(ana, room, "hi");
      const frame = { id: unique("again"), action, room, target: seq, ...fields };
      const first = await ana.ask(frame);
      for (const retry of [true, false])
        expect(await ana.ask({ ...frame, retry })).toEqual({ ...first, duplicate: true });
      expect(await history()).toHaveLength(2);
    });
  });

  describe("react", () => {
    test("reaches everyone in the room, whoever wrote the message", async () => {
      const { seq } = await say(ana, room, "ana's");
      for (const client of [ana, bob]) {
        expect(await request(client, "react", { room, target: seq, emoji: "👍" })).toMatchObject({ type: "ack" });
      }
    });

    test("tells everyone which emoji was turned on or off", async () => {
      const { seq } = await say(ana, room, "hi");
      await request(bob, "react", { room, target: seq, emoji: "👍" });
      await request(bob, "react", { room, target: seq, emoji: "👍", on: false });
      const reaction = { kind: "reaction", target: seq, emoji: "👍", user: { id: "bob", name: "bob" } };
      expect((await eventOf(ana, seq + 1)).entries).toMatchObject([{ ...reaction, on: true }]);
      expect((await eventOf(ana, seq + 2)).entries).toMatchObject([{ ...reaction, on: false }]);
    });
  });

  describe("sendMessage", () => {
    test("as a reply names its target", async () => {
      const { seq } = await say(ana, room, "question");
      const { seq: answer } = await say(bob, room, "answer", { replyTo: seq });
      expect((await eventOf(ana, answer)).entries).toMatchObject([{ text: "answer", replyTo: seq }]);
      expect((await eventOf(ana, seq)).entries[0]).not.toHaveProperty("replyTo");
      expect(await history({ after: seq })).toMatchObject([{ replyTo: seq }]);
    });

    test("without its text is refused with the missing field's name, like other requests without a required field", async () => {
      const answers = [
        [await request(ana, "sendMessage", { room }), "text"],
        [await request(ana, "editMessage", { room, text: "hi" }), "target"],
        [await request(ana, "deleteMessage", { room }), "target"],
        [await request(ana, "react", { room, target: 1 }), "emoji"],
      ] as const;
      for (const [answer, path] of answers)
        expect(answer).toMatchObject({ code: "BAD_REQUEST", path, message: `${path}: is missing` });
    });

    test("as a reply to a position that doesn't exist yet is NOT_FOUND", async () => {
      const { seq } = await say(ana, room, "question");
      for (const replyTo of [seq + 1, Number.MAX_SAFE_INTEGER]) {
        const answer = await request(bob, "sendMessage", { room, text: "answer", replyTo });
        expect(answer).toMatchObject({ type: "error", code: "NOT_FOUND", retryable: false });
      }
      expect(await history()).toHaveLength(1);
    });

    test("as a reply to an invalid position is refused with the path", async () => {
      for (const replyTo of [0, -1, 1.5, "1", null]) {
        const answer = await request(ana, "sendMessage", { room, text: "hi", replyTo });
        expect({ replyTo, ...answer }).toMatchObject({ replyTo, code: "BAD_REQUEST", path: "replyTo" });
      }
    });

    test("with an unknown field is refused, and the error names it", async () => {
      const fields = { pk: "ROOM#x", sk: 7, kind: "void", seq: 9, expiresAt: 1, extra: "x" };
      for (const [path, value] of Object.entries(fields)) {
        const answer = await request(ana, "sendMessage", { room, text: "hi", [path]: value });
        expect(answer).toMatchObject({ type: "error", code: "BAD_REQUEST", path });
      }
    });

    test("without a room goes to the lobby, and without an id gets one", async () => {
      ana.send({ action: "sendMessage", text: "by hand" });
      const event = await hear(bob, "by hand");
      expect(event).toMatchObject({ room: "lobby", entries: [{ id: expect.stringMatching(/.+/) }] });
      const { id, seq, sentAt } = event.entries[0];
      expect(await ana.next(({ type }) => type === "ack")).toEqual({ type: "ack", id, seq, sentAt });
    });
  });

  describe("an error to a frame without an id", () => {
    test.each([
      { action: "sendMessage", fields: { text: "hi" } },
      { action: "setTyping", fields: { typing: true } },
      { action: "markRead", fields: { seq: 1 } },
    ])("names the action: $action", async ({ action, fields }) => {
      const stranger = await target.connect("stranger");
      stranger.send({ action, room, ...fields });
      const answer = await stranger.next(({ type }) => type === "error");
      expect(answer).toMatchObject({ code: "NOT_A_MEMBER", action });
    });
  });

  describe("a message that is sent again", () => {
    test.each([{ retry: true }, { retry: false }])(
      "from any connection, with retry: $retry, is acknowledged as before and arrives once",
      async ({ retry }) => {
        const anaToo = await target.connect("ana");
        await join(room, anaToo);
        const frame = { id: unique("again"), action: "sendMessage", room, text: "once" };
        const first = await ana.ask(frame);
        expect(first).not.toHaveProperty("duplicate");
        for (const client of [ana, anaToo]) {
          expect(await client.ask({ ...frame, retry })).toEqual({ ...first, duplicate: true });
        }
        await say(ana, room, "then");
        await hear(bob, "then");
        await hear(bob, "once");
        expect(heard(bob)).toEqual([]);
        expect(await history()).toMatchObject([{ text: "once" }, { text: "then" }]);
      },
    );

    test("with different content is ID_CONFLICT, whether or not it is marked as a retry", async () => {
      const frame = { id: unique("again"), action: "sendMessage", room, text: "once" };
      await ana.ask(frame);
      for (const retry of [true, false]) {
        const answer = await ana.ask({ ...frame, retry, text: "other" });
        expect(answer).toMatchObject({ type: "error", id: frame.id, code: "ID_CONFLICT", retryable: false });
      }
      expect(await history()).toMatchObject([{ text: "once" }]);
    });

    test("by another person with the same id is a different message", async () => {
      const frame = { id: unique("shared"), action: "sendMessage", room, text: "hi" };
      const [first, second] = [await ana.ask(frame), await bob.ask(frame)];
      expect(second.seq).toBe(first.seq + 1);
      expect(second).not.toHaveProperty("duplicate");
    });

    test("ten times concurrently arrives once, and all ten acks are equal", async () => {
      const clients = await Promise.all(Array.from({ length: 10 }, () => target.connect("ana")));
      await join(room, ...clients);
      const frame = { id: unique("storm"), action: "sendMessage", room, text: "storm" };
      const acks = await Promise.all(clients.map((client) => client.ask(frame)));
      expect(new Set(acks.map(({ seq, sentAt }) => `${seq} ${sentAt}`)).size).toBe(1);
      expect(acks.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      const [stored] = await history();
      expect(await history()).toEqual([stored]);
      expect(stored).toMatchObject({ seq: acks[0].seq, sentAt: acks[0].sentAt });
    });
  });

  describe("getHistory", () => {
    test("returns pages in both directions, and the newest without a cursor", async () => {
      for (let i = 1; i <= 7; i++) await say(ana, room, `${i}`);
      const texts = async (fields: object) => {
        const { type, from, through, head, more, entries } = await request(bob, "getHistory", { room, ...fields });
        return { type, from, through, head, more, texts: entries.map(({ text }: { text: string }) => text).join("") };
      };
      const page = { type: "page", head: 7 };
      expect(await texts({})).toEqual({ ...page, from: 1, through: 7, more: false, texts: "1234567" });
      expect(await texts({ limit: 3 })).toEqual({ ...page, from: 5, through: 7, more: true, texts: "567" });
      expect(await texts({ before: 5, limit: 3 })).toEqual({ ...page, from: 2, through: 4, more: true, texts: "234" });
      expect(await texts({ before: 2, limit: 3 })).toEqual({ ...page, from: 1, through: 1, more: false, texts: "1" });
      expect(await texts({ after: 0, limit: 3 })).toEqual({ ...page, from: 1, through: 3, more: true, texts: "123" });
      expect(await texts({ after: 3, limit: 4 })).toEqual({ ...page, from: 4, through: 7, more: false, texts: "4567" });
      expect(await texts({ after: 7 })).toEqual({ ...page, from: 8, through: 7, more: false, texts: "" });
    });

    test("after a cursor beyond the end is a reset", async () => {
      await say(ana, room, "1");
      const answer = await request(ana, "getHistory", { room, after: 2 });
      expect(answer).toEqual({ type: "reset", id: answer.id, room, head: 1, reason: "ahead" });
    });

    test("leaves out void positions but covers them", async () => {
      const nothing = await voidPosition(ana);
      expect(await request(ana, "getHistory", { room })).toMatchObject({
        entries: [{ seq: nothing - 1 }],
        through: nothing,
        head: nothing,
      });
    });

    test("refuses an invalid page, with the path", async () => {
      const cases: [fields: object, path: string][] = [
        [{ limit: 0 }, "limit"],
        [{ limit: 101 }, "limit"],
        [{ limit: 1.5 }, "limit"],
        [{ limit: "1" }, "limit"],
        [{ after: -1 }, "after"],
        [{ after: 0.5 }, "after"],
        [{ after: "0" }, "after"],
        [{ before: 0 }, "before"],
        [{ before: -1 }, "before"],
        [{ before: null }, "before"],
        [{ after: 1, before: 3 }, "before"],
      ];
      for (const [fields, path] of cases) {
        const answer = await request(ana, "getHistory", { room, ...fields });
        expect({ fields, ...answer }).toMatchObject({ fields, type: "error", code: "BAD_REQUEST", path });
      }
    });

    test("of ten messages of 8 KB is returned in pages that fit into a frame", async () => {
      const sizes: number[] = [];
      bob.socket.on("message", (data: Buffer) => sizes.push(data.length));
      const text = "x".repeat(8_192);
      for (let i = 0; i < 10; i++) await say(ana, room, text);
      const seqs: number[] = [];
      for (let more = true, after = 0; more; ) {
        const page = await request(bob, "getHistory", { room, after });
        seqs.push(...page.entries.map(({ seq }: { seq: number }) => seq));
        ({ through: after, more } = page);
      }
      expect(seqs).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(32_000);
    });
  });
}
