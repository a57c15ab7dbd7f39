/** Rate limits, tested by real clients. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { HandshakeRefused } from "../webSocketClient.ts";
import { expectFloodEnded } from "./flood.ts";
import { request, say, unique } from "./requests.ts";

let target: Target;

beforeAll(async () => {
  const config = { userRate: 2, userBurst: 5, roomRate: 10, connectRate: 6 };
  target = await startTarget(Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]));
});
afterAll(() => target?.stop());

const LIMITED = { type: "error", code: "RATE_LIMITED", retryable: true, retryAfterMs: expect.any(Number) };

describe("appends of one person", () => {
  test("are limited across all rooms and connections, and the answer says when to retry", async () => {
    const [one, two] = [await target.connect("fast"), await target.connect("fast")];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        request(i % 2 === 0 ? one : two, "sendMessage", { room: "lobby", text: "!" }),
      ),
    );
    const refused = answers.filter(({ type }) => type === "error");
    for (const answer of refused) expect(answer).toMatchObject(LIMITED);
    expect(refused.length).toBeGreaterThan(5);
    expect(refused.length).toBeLessThanOrEqual(15);
  });

  test("succeed again after the time that the refusal states", async () => {
    const client = await target.connect("patient");
    for (let i = 0; i < 5; i++) await say(client, "lobby", `${i}`);
    let answer = await request(client, "sendMessage", { id: "again", text: "late" });
    while (answer.type !== "error") answer = await request(client, "sendMessage", { id: unique("more"), text: "more" });
    expect(answer).toMatchObject(LIMITED);
    await new Promise((resolve) => setTimeout(resolve, answer.retryAfterMs));
    expect(await request(client, "sendMessage", { id: unique("then"), text: "then" })).toMatchObject({ type: "ack" });
  });

  test("don't slow down others", async () => {
    const [flood, other] = [await target.connect("flood"), await target.connect("calm")];
    for (let i = 0; i < 20; i++) flood.send({ id: `f${i}`, action: "sendMessage", text: `${i}` });
    await say(other, "lobby", "unharmed");
  });
});

test("new connections of one person are limited: the handshake is refused", async () => {
  const opened = [];
  for (let i = 0; i < 6; i++) opened.push(await target.connect("knocker"));
  await expect(target.connect("knocker")).rejects.toThrow(HandshakeRefused);
  expect(await request(await target.connect("guest"), "ping", {})).toMatchObject({ type: "pong" });
});

describe("a connection that sends invalid frames", () => {
  test.each([["garbage"], ['{"action":"nope"}'], ['{"action":"sendMessage"}']])(
    "such as %s is closed",
    async (frame) => {
      const [vandal, other] = [await target.connect(unique("vandal")), await target.connect(unique("other"))];
      // Each environment has its own count, and a function has several environments.
      for (let i = 0; i < 200; i++) vandal.send(frame);
      await vandal.closed;
      expect(await request(other, "ping", {})).toMatchObject({ type: "pong" });
    },
  );
});

test("a connection that floods is told why and closed; only its user has to wait to reconnect", () =>
  expectFloodEnded(target, { action: "sendMessage", text: "!" }));
