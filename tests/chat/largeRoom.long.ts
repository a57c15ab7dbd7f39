/** Nine hundred people in one room: more than twice as many as one function posts to. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import type { Frame, TestClient } from "../webSocketClient.ts";

const CLIENTS = 900;
const AT_ONCE = 25;
const ROOM = "a large room";
const WAIT = { timeout: 30_000, interval: 100 };

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target?.stop());

const isEvent = ({ type }: Frame) => type === "event";

test("a send in a room of 900 reaches each member exactly once, with two further invocations", async () => {
  const clients: TestClient[] = [];
  while (clients.length < CLIENTS) {
    const opened = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => target.connect(`user-${clients.length + i}`)),
    );
    await Promise.all(opened.map((client) => client.ask({ id: "join", action: "joinRoom", room: ROOM })));
    clients.push(...opened);
  }
  const sender = clients[0] as TestClient;

  for (const text of ["first", "second", "third"]) {
    const ack = await sender.ask({ id: text, action: "sendMessage", room: ROOM, text });
    expect(ack).toMatchObject({ type: "ack" });
    for (const client of clients) {
      expect(await client.next(isEvent)).toMatchObject({ room: ROOM, entries: [{ seq: ack.seq, text }] });
    }
    // A busy room may post several messages together; a room is quiet one second after its last message.
    await pause(1_100);
  }

  // Each member got each event. If the number of posts equals the number of members, nobody got an event twice.
  const done = (route: string) =>
    (target.cloud?.reports ?? []).flatMap((report) =>
      report.event === "log" && report.line.includes(`"route":"${route}"`)
        ? [JSON.parse(report.line.slice(report.line.indexOf("{")))]
        : [],
    );
  await vi.waitFor(() => expect([done("sendMessage").length, done("fanOut").length]).toEqual([3, 6]), WAIT);
  for (const line of done("sendMessage")) {
    expect(line).toMatchObject({ postedCount: 400, failedCount: 0, rangesCount: 2 });
  }
  const byRanges = done("fanOut").map(({ postedCount }) => postedCount);
  expect(byRanges.sort()).toEqual([100, 100, 100, 400, 400, 400]);
  for (const client of clients) expect(client.frames.filter(isEvent)).toEqual([]);
});
