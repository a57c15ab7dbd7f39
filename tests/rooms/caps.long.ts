/** Tests limits per person and per connection, and a chat without a lobby. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import { request, unique } from "./requests.ts";

let target: Target;

beforeAll(async () => {
  const config = ["connectionsPerPerson=3", "roomsPerConnection=2", "lobby="];
  target = await startTarget(config.flatMap((value) => ["--config", value]));
});
afterAll(() => target?.stop());

test("if a person has too many connections, the oldest is told why and is closed; the others stay open", async () => {
  const opened = [];
  for (let i = 0; i < 4; i++) opened.push(await target.connect("ana"));
  const [oldest, ...rest] = opened;
  expect(await oldest?.next()).toEqual({ type: "bye", reason: "too many connections", retryAfterMs: 0 });
  await oldest?.closed;
  for (const client of rest) expect(await request(client, "ping")).toMatchObject({ type: "pong" });
});

test("a connection at its room limit joins another room after it has left one", async () => {
  const client = await target.connect("bob");
  const rooms = [unique("room"), unique("room"), unique("room")];
  for (const room of rooms.slice(0, 2)) {
    expect(await request(client, "joinRoom", { room })).toMatchObject({ type: "ack" });
  }
  const refused = { type: "error", code: "LIMIT_EXCEEDED", retryable: false };
  expect(await request(client, "joinRoom", { room: rooms[2] })).toMatchObject(refused);
  expect(await request(client, "hello", { rooms: [{ room: rooms[2] }] })).toMatchObject(refused);
  // The connection is already in this room.
  expect(await request(client, "joinRoom", { room: rooms[0] })).toMatchObject({ type: "ack" });
  await request(client, "leaveRoom", { room: rooms[0] });
  expect(await request(client, "joinRoom", { room: rooms[2] })).toMatchObject({ type: "ack" });
});

test("without a lobby, a connection starts in no room, and frames must name one", async () => {
  const client = await target.connect("cleo");
  expect(await request(client, "hello")).toMatchObject({ type: "ready", heads: {} });
  expect(await request(client, "sendMessage", { text: "to nobody" })).toMatchObject({
    type: "error",
    code: "BAD_REQUEST",
    path: "room",
  });
});
