/** Tests what every chat must do, wherever it runs, from outside and with real clients. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Frame, TestClient } from "../webSocketClient.ts";
import type { Target } from "./target.ts";

export function describeChat(where: string, start: () => Promise<Target>): void {
  describe(`the chat ${where}`, () => {
    let target: Target;

    beforeAll(async () => {
      target = await start();
    });
    afterAll(() => target?.stop());

    const withText = (text: string) => (frame: Frame) => frame.type === "event" && frame.entries[0].text === text;
    /** Sends a message, and retries if it came too fast, because a stack's rate may be as low as typing speed. */
    const say = async (client: TestClient, text: string, id = unique("id")): Promise<Frame> => {
      const answer = await client.ask({ id, action: "sendMessage", text });
      if (answer.code !== "RATE_LIMITED") return answer;
      await new Promise((resolve) => setTimeout(resolve, answer.retryAfterMs));
      return say(client, text, id);
    };

    test("selects the subprotocol chat.v1 and never repeats the token", async () => {
      const client = await target.connect("ana");
      expect(client.socket.protocol).toBe("chat.v1");
    });

    test("relays a message to everyone, the sender included, and acknowledges it", async () => {
      const [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
      const text = unique("hello");

      const ack = await say(ana, text, "request-1");

      expect(ack).toEqual({ type: "ack", id: "request-1", seq: expect.any(Number), sentAt: expect.any(Number) });
      for (const client of [ana, bob]) {
        const event = await client.next(withText(text));
        expect(event).toMatchObject({ type: "event", room: "lobby" });
        expect(event.entries).toHaveLength(1);
        expect(event.entries[0]).toMatchObject({ kind: "message", id: "request-1", seq: ack.seq, sentAt: ack.sentAt });
      }
    });

    test("a message without an id gets one from the server", async () => {
      const client = await target.connect("ana");
      const text = unique("by hand");
      client.send({ action: "sendMessage", text });
      const event = await client.next(withText(text));
      expect(event.entries[0].id).toMatch(/.+/);
      expect(await client.next(({ type }) => type === "ack")).toMatchObject({ id: event.entries[0].id });
    });

    test("messages from a sender who waits for each ack arrive in the order they were sent", async () => {
      const [sender, reader] = [await target.connect("ana"), await target.connect("bob")];
      const texts = Array.from({ length: 20 }, (_, i) => `${i} ${unique("ordered")}`);

      for (const text of texts) await say(sender, text);

      const seen = [];
      for (const text of texts) seen.push((await reader.next(withText(text))).entries[0]);
      const positions = seen.map(({ seq }) => seq);
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
      expect(new Set(positions).size).toBe(20);
    });

    test("a frame that states its sender, time or position is refused", async () => {
      const client = await target.connect("ana");
      for (const [field, value] of Object.entries({ user: "someone else", name: "someone else", sentAt: 1, seq: 1 })) {
        const answer = await client.ask({ id: field, action: "sendMessage", text: unique("forged"), [field]: value });
        expect(answer).toMatchObject({ type: "error", code: "BAD_REQUEST", path: field });
      }
    });

    test("every invalid frame gets an error frame, and nobody else is told", async () => {
      const [vandal, reader] = [await target.connect("vandal"), await target.connect("bob")];
      const cases: [frame: string, error: object][] = [
        ["garbage", { code: "BAD_JSON" }],
        ["", { code: "BAD_JSON" }],
        ["null", { code: "BAD_REQUEST" }],
        ["[]", { code: "BAD_REQUEST" }],
        ["7", { code: "BAD_REQUEST" }],
        ['{"action":{}}', { code: "BAD_REQUEST", path: "action" }],
        ['{"action":"__proto__"}', { code: "UNKNOWN_ACTION", action: "__proto__" }],
        ['{"action":"$connect"}', { code: "UNKNOWN_ACTION", action: "$connect" }],
        ['{"action":"nope","id":"n1"}', { code: "UNKNOWN_ACTION", id: "n1" }],
        ['{"action":"sendMessage"}', { code: "BAD_REQUEST", path: "text", action: "sendMessage" }],
        ['{"action":"sendMessage","id":"e1","text":""}', { code: "BAD_REQUEST", path: "text", id: "e1" }],
        ['{"action":"sendMessage","id":"e2","text":7}', { code: "BAD_REQUEST", path: "text", id: "e2" }],
        ['{"action":"sendMessage","id":"e3","text":"\\ud800"}', { code: "BAD_REQUEST", path: "text", id: "e3" }],
        [JSON.stringify({ action: "sendMessage", id: "e4", text: "x".repeat(9_000) }), { path: "text", id: "e4" }],
        ['{"action":"sendMessage","id":7,"text":"x"}', { code: "BAD_REQUEST", path: "id" }],
      ];

      for (const [frame, error] of cases) {
        vandal.send(frame);
        const answer = await vandal.next();
        expect({ frame, answer }).toMatchObject({ frame, answer: { type: "error", retryable: false, ...error } });
        expect(JSON.stringify(answer)).not.toMatch(/arn:|\bat .+:\d+|node_modules|chat-dev/);
      }
      const text = unique("undisturbed");
      await say(reader, text);
      await reader.next(withText(text));
      expect(reader.frames.filter(({ type }) => type === "error")).toEqual([]);
    });

    test("ping is answered with pong", async () => {
      const client = await target.connect("ana");
      expect(await client.ask({ id: "p1", action: "ping" })).toEqual({ type: "pong", id: "p1" });
    });

    test("a connection that has closed gets nothing and doesn't disturb others", async () => {
      const [stays, leaves] = [await target.connect("ana"), await target.connect("bob")];
      await leaves.close();
      const text = unique("after the leave");
      expect(await say(stays, text)).toMatchObject({ type: "ack" });
      expect(leaves.frames.filter(withText(text))).toEqual([]);
    });

    test("text can be anything that JSON can represent", async () => {
      const client = await target.connect("ana");
      const text = `${unique("text")} \u0000 \u2028 👩‍👩‍👧 ‮ ${"é".repeat(4_000)}`;
      await say(client, text);
      expect((await client.next(withText(text))).entries[0].text).toBe(text);
    });
  });
}

let count = 0;

/** Creates a message text that no other test or run of the suite sends. */
function unique(what: string): string {
  return `${what} ${process.pid}-${Date.now()}-${++count}`;
}
