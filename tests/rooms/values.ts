/** Values at the limits for texts, ids and emoji. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Target } from "../e2e/target.ts";
import type { Frame, TestClient } from "../webSocketClient.ts";
import { join, request, say, unique } from "./requests.ts";

export function describeValues(start: () => Promise<Target>): void {
  let ana: TestClient;
  let bob: TestClient;
  let room = "";

  beforeAll(async () => {
    const target = await start();
    [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
  });

  beforeEach(async () => {
    room = unique("room");
    await join(room, ana, bob);
  });

  const eventOf = (client: TestClient, seq: number): Promise<Frame> =>
    client.next(({ type, entries, ...event }) => type === "event" && event.room === room && entries[0].seq === seq);
  const history = async (fields = {}) => (await request(ana, "getHistory", { room, ...fields })).entries;

  describe("the text", () => {
    test.each([
      { what: "8,192 letters", text: "x".repeat(8_192), longer: "x".repeat(8_193) },
      { what: "8,192 bytes in two-byte characters", text: "é".repeat(4_096), longer: `${"é".repeat(4_096)}x` },
      { what: "8,192 bytes of emojis", text: "🎉".repeat(2_048), longer: `${"🎉".repeat(2_048)}x` },
    ])("may have $what, but one byte more is TOO_LARGE", async ({ text, longer }) => {
      const { seq } = await say(ana, room, text);
      expect((await eventOf(bob, seq)).entries).toMatchObject([{ text }]);
      expect(await history({ after: seq - 1 })).toMatchObject([{ text }]);
      const answer = await request(ana, "sendMessage", { room, text: longer });
      expect(answer).toMatchObject({ type: "error", code: "TOO_LARGE", path: "text", retryable: false });
      expect(answer.message.length).toBeLessThan(200);
      expect(await request(ana, "editMessage", { room, target: seq, text: longer })).toMatchObject({
        code: "TOO_LARGE",
        path: "text",
      });
    });

    test("that would be too long as JSON is refused with the path, and a slightly shorter one arrives", async () => {
      const text = "\u0001".repeat(2_730);
      const { seq } = await say(ana, room, text);
      expect((await eventOf(bob, seq)).entries).toMatchObject([{ text }]);
      const answer = await request(ana, "sendMessage", { room, text: "\u0001".repeat(2_731) });
      expect(answer).toMatchObject({ type: "error", path: "text", retryable: false });
    });

    test.each(["\ud800", "a\udc00b", "🎉\ud83c"])(
      "with half a surrogate pair is refused with the path",
      async (text) => {
        const { seq } = await say(ana, room, "hi");
        for (const [action, fields] of [
          ["sendMessage", {}],
          ["editMessage", { target: seq }],
        ] as const) {
          const answer = await request(ana, action, { room, text, ...fields });
          expect(answer).toMatchObject({ type: "error", code: "BAD_REQUEST", path: "text" });
        }
        expect(await history()).toHaveLength(1);
      },
    );

    test("is stored in its original form", async () => {
      for (const text of ["cafe\u0301", "café", " spaces ", "\u0000", "\u202e", "\r\n", "👩‍👩‍👧"]) {
        const { seq } = await say(ana, room, text);
        expect((await eventOf(bob, seq)).entries).toMatchObject([{ text }]);
      }
    });
  });

  describe("the id", () => {
    test.each(["x", "x".repeat(64), '#/%"\\ \u0001', "é".repeat(64)])(
      "%j is repeated in the ack and the event",
      async (id) => {
        const { seq } = await ana.ask({ id, action: "sendMessage", room, text: "hi" });
        expect((await eventOf(bob, seq)).entries).toMatchObject([{ id }]);
      },
    );

    test.each([{ id: "" }, { id: "x".repeat(65) }, { id: 7 }, { id: null }, { id: {} }])(
      "$id is refused with the path, and the error names the action instead of the id",
      async ({ id }) => {
        for (const action of ["sendMessage", "ping", "joinRoom"]) {
          ana.send({ action, id, room, text: "hi" });
          const answer = await ana.next(({ type }) => type === "error");
          expect(answer).toMatchObject({ code: "BAD_REQUEST", path: "id", action, retryable: false });
          expect(answer).not.toHaveProperty("id");
        }
      },
    );

    test("with half a surrogate pair is refused with the path", async () => {
      ana.send('{"action":"sendMessage","id":"\\ud800","text":"hi"}');
      expect(await ana.next(({ type }) => type === "error")).toMatchObject({ code: "BAD_REQUEST", path: "id" });
    });
  });

  describe("an emoji", () => {
    test.each([
      { what: "a heart with and without its selector", encodings: ["❤️", "❤", "❤\ufe0e"] },
      { what: "a rainbow flag", encodings: ["🏳️‍🌈", "🏳‍🌈"] },
      { what: "an eye in a speech bubble", encodings: ["👁️‍🗨️", "👁‍🗨️", "👁️‍🗨", "👁‍🗨"] },
      { what: "a key with a digit", encodings: ["1️⃣", "1⃣"] },
      { what: "a thumb that needs no selector", encodings: ["👍", "👍\ufe0f"] },
    ])("treats all encodings of one emoji as equal: $what", async ({ encodings }) => {
      const { seq } = await say(ana, room, "hi");
      const frame = { id: unique("react"), action: "react", room, target: seq };
      const stored = [];
      for (const emoji of encodings) {
        stored.push((await request(ana, "react", { room, target: seq, emoji })).seq);
        // With the same id it is a retry, not a conflict.
        expect(await ana.ask({ ...frame, emoji })).toMatchObject({ type: "ack" });
      }
      const emojis = (await history({ after: seq })).map(({ emoji }: { emoji: string }) => emoji);
      expect(stored).toHaveLength(encodings.length);
      expect(new Set(emojis)).toEqual(new Set([encodings[0]?.replace("👍\ufe0f", "👍")]));
      expect(emojis).toHaveLength(encodings.length + 1);
    });

    test.each(["👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🕵🏽‍♂️", "☝🏽", "©️"])("accepts %s unchanged", async (emoji) => {
      const { seq } = await say(ana, room, "hi");
      await request(ana, "react", { room, target: seq, emoji });
      expect(await history({ after: seq })).toMatchObject([{ emoji }]);
    });

    test("refuses anything but exactly one emoji, with the path", async () => {
      const { seq } = await say(ana, room, "hi");
      const wrong = [
        "",
        " ",
        "a",
        "1",
        "#",
        ":)",
        "👍👍",
        "👍 ",
        "a👍",
        "\ufe0f",
        "🏽x",
        "🇩",
        "\ud83d",
        "👍".repeat(999),
      ];
      for (const emoji of [...wrong, 7, null, undefined, ["👍"]]) {
        const answer = await request(ana, "react", { room, target: seq, emoji });
        expect({ emoji, ...answer }).toMatchObject({ emoji, type: "error", code: "BAD_REQUEST", path: "emoji" });
      }
    });
  });
}
