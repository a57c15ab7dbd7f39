/**
 * The heartbeat keeps the connection from timing out when idle, detects a dead connection, and finds entries that no
 * push delivered.
 */
import { beforeEach, describe, expect, test } from "vitest";
import type { ChatError, Client } from "../../client/index.ts";
import { Reader } from "./reader.ts";
import { refusal } from "./virtual/server.ts";
import { statesOf, World } from "./virtual/world.ts";

const MINUTE_MS = 60_000;
/** API Gateway closes a connection that is idle this long. */
const IDLE_LIMIT_MS = 10 * MINUTE_MS;

let world: World;
let client: Client;
beforeEach(async () => {
  world = new World();
  client = await world.openClient();
});

const pings = () => world.server.asked("ping");
const names = (count: number) => Array.from({ length: count }, (_, i) => `room ${i}`);

describe("a ping", () => {
  test("is sent every two minutes, even without followed rooms", async () => {
    await world.pass(10 * MINUTE_MS);
    expect(pings().map(({ rooms }) => rooms)).toEqual(Array(5).fill([]));
  });

  test("is sent as often as the application wants", async () => {
    world = new World();
    await world.openClient("ana", { heartbeatMs: 1_500 });
    await world.pass(15_000);
    expect(pings()).toHaveLength(10);
  });

  test("keeps each connection from reaching the idle limit, even across the handover", async () => {
    const sentAt = new Map<unknown, number>();
    let longest = 0;
    for (let i = 0; i < 5 * 60; i++) {
      await world.pass(MINUTE_MS);
      for (const socket of world.server.openSockets) {
        const at = sentAt.get(`${world.server.sockets.indexOf(socket)} ${socket.sent.length}`) ?? world.clock.now();
        sentAt.set(`${world.server.sockets.indexOf(socket)} ${socket.sent.length}`, at);
        longest = Math.max(longest, world.clock.now() - at);
      }
    }
    expect(world.server.sockets.length).toBeGreaterThan(2);
    expect(longest).toBeLessThan(IDLE_LIMIT_MS / 2);
  });

  test("asks about the followed rooms, at most 25 per frame", async () => {
    for (const name of names(60)) new Reader(client.room(name));
    client.room("not followed");
    await world.pass(2 * MINUTE_MS);
    const asked = pings();
    expect(asked.map(({ rooms }) => rooms.length)).toEqual([25, 25, 10]);
    expect(asked.flatMap(({ rooms }) => rooms)).toEqual(names(60));
  });

  test("doesn't ask about a room that is no longer followed", async () => {
    const readers = names(2).map((name) => new Reader(client.room(name)));
    await world.pass();
    readers[0]?.unsubscribe();
    await world.pass(2 * MINUTE_MS);
    expect(pings().at(-1)?.rooms).toEqual(["room 1"]);
  });

  test("isn't sent without a connection, and check() doesn't wait for one", async () => {
    world.server.handshake = () => "refuse";
    world.server.latest.end();
    await expect(client.check()).resolves.toBeUndefined();
    await world.pass(10 * MINUTE_MS);
    expect(pings()).toEqual([]);
  });
});

describe("a dead connection that nobody reports", () => {
  test("is replaced if a ping isn't answered within 5 s", async () => {
    const [dead] = world.server.sockets;
    if (dead !== undefined) dead.isSilent = true;
    const states = statesOf(client);
    await world.pass(2 * MINUTE_MS + 4_000);
    expect(states).toEqual([]);
    await world.pass(2_000);
    expect(states.map(({ name }) => name)).toEqual(["waiting", "connecting", "open"]);
    expect(states[0]).toMatchObject({ cause: { code: "TIMEOUT" } });
    expect(dead?.readyState).toBe(2);
    expect(world.server.openSockets).toHaveLength(1);
  });

  test("is replaced within 5 s of check(), as when a tab comes to the front", async () => {
    world.server.latest.isSilent = true;
    void client.check();
    await world.pass(6_000);
    expect(client.state.name).toBe("open");
    expect(world.server.openSockets.map((socket) => socket.isSilent)).toEqual([false]);
  });

  test("is replaced within 10 s of an unacknowledged message, which is sent over the next connection", async () => {
    await world.pass(30_000);
    world.server.latest.isSilent = true;
    const states = statesOf(client);
    const sent = client.room().send("into the void");
    await world.pass(10_500);
    expect(states[0]).toMatchObject({ name: "waiting", cause: { code: "TIMEOUT" } });
    await world.pass(2_000);
    expect(client.state.name).toBe("open");
    await expect(sent.acknowledged).resolves.toMatchObject({ seq: 1 });
  });

  test.each([
    ["a page of history", () => client.room().history().next()],
    ["the list of rooms", () => client.rooms()],
    ["leaving a room", () => client.room("den").leave()],
  ])("is replaced within 10 s of a request for %s, which rejects", async (_, ask) => {
    world.server.latest.isSilent = true;
    const asked = ask().catch((error: ChatError) => error.code);
    await world.pass(11_000);
    expect(world.server.sockets).toHaveLength(2);
    expect(await asked).toBe("TIMEOUT");
  });

  test("isn't assumed while pings are answered, however long a message takes: one ping, after 5 s, is enough", async () => {
    world.server.on("sendMessage", () => undefined, 1);
    const states = statesOf(client);
    const sent = client.room().send("slow");
    void client.room("den").send("slow, too");
    await world.pass(14_000);
    expect([states, pings().length]).toEqual([[], 1]);
    await world.pass(3_000);
    await expect(sent.acknowledged).resolves.toMatchObject({ seq: 1 });
  });

  test("loses nothing that was written in the meantime", async () => {
    const reader = new Reader(client.room());
    await world.pass();
    world.server.latest.isSilent = true;
    for (let i = 0; i < 5; i++) world.server.push("lobby", world.server.write("lobby", `message ${i}`));
    const sent = client.room().send("one's own");
    await world.pass(3 * MINUTE_MS);
    expect(reader.texts).toEqual(["message 0", "message 1", "message 2", "message 3", "message 4", "one's own"]);
    await expect(sent.acknowledged).resolves.toMatchObject({ seq: 6 });
  });

  test("isn't assumed if a ping is answered with an error", async () => {
    world.server.on("ping", () => refusal("INTERNAL", { retryable: true }));
    const states = statesOf(client);
    await world.pass(10 * MINUTE_MS);
    expect(states).toEqual([]);
  });

  test("doesn't affect the next connection if its ping times out after the handover", async () => {
    await world.pass(105 * MINUTE_MS - 5_000);
    world.server.on("ping", () => undefined, 1);
    void client.check();
    const states = statesOf(client);
    await world.pass(MINUTE_MS);
    expect(world.server.sockets.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    expect(states.map(({ name }) => name)).not.toContain("waiting");
  });
});

describe("the end of a log", () => {
  test("that no push has delivered is fetched at the next ping", async () => {
    const reader = new Reader(client.room());
    await world.pass();
    world.server.brings = ({ type }) => type !== "event";
    world.server.push("lobby", world.server.write("lobby", "lost"), world.server.write("lobby", "lost, too"));
    await world.pass(MINUTE_MS);
    expect(reader.texts).toEqual([]);
    await world.pass(MINUTE_MS + 1_000);
    expect(reader.texts).toEqual(["lost", "lost, too"]);
  });

  test("is found in each of many rooms", async () => {
    const readers = names(60).map((name) => new Reader(client.room(name)));
    await world.pass(1_000);
    for (const name of names(60)) world.server.write(name, `lost in ${name}`);
    void client.check();
    await world.pass(2_000);
    expect(readers.map(({ texts }) => texts)).toEqual(names(60).map((name) => [`lost in ${name}`]));
  });

  test("that is already known isn't requested", async () => {
    new Reader(client.room());
    world.server.write("lobby", "known");
    await world.pass(10 * MINUTE_MS);
    expect(world.server.asked("getHistory")).toEqual([]);
  });

  test("that the push delivers a moment later isn't requested", async () => {
    const reader = new Reader(client.room());
    await world.pass();
    const entry = world.server.write("lobby", "under way");
    void client.check();
    await world.pass(100);
    world.server.push("lobby", entry);
    await world.pass(1_000);
    expect(reader.texts).toEqual(["under way"]);
    expect(world.server.asked("getHistory")).toEqual([]);
  });
});

describe("a room that the connection has fallen out of", () => {
  test("is rejoined from the cursor, and nothing is missed", async () => {
    const reader = new Reader(client.room("den"));
    world.server.write("den", "one");
    await world.pass();
    world.server.latest.rooms.delete("den");
    world.server.write("den", "two");
    await world.pass(3 * MINUTE_MS);
    expect(world.server.asked("joinRoom").map(({ room, after }) => [room, after])).toEqual([
      ["den", undefined],
      ["den", 1],
    ]);
    expect(reader.texts).toEqual(["one", "two"]);
    world.server.push("den", world.server.write("den", "three"));
    await world.pass();
    expect(reader.texts).toEqual(["one", "two", "three"]);
  });
});

describe("a machine, or a tab, that was asleep", () => {
  test("asks as soon as it wakes whether the connection is alive, and replaces a dead one", async () => {
    await world.pass(30_000);
    world.server.latest.isSilent = true;
    await world.clock.sleep(60 * MINUTE_MS);
    expect(world.server.latest.sent.at(-1)).toMatchObject({ action: "ping" });
    await world.pass(11_000);
    expect(client.state.name).toBe("open");
    expect(world.server.openSockets.filter(({ isSilent }) => !isSilent)).toHaveLength(1);
  });

  test("misses nothing that was written in the meantime, even if the connection is alive", async () => {
    const reader = new Reader(client.room());
    await world.pass(30_000);
    world.server.write("lobby", "while it slept");
    // The sleep is shorter than the pause between pings, so only the sleep itself triggers the ping.
    await world.clock.sleep(50_000);
    await world.pass(1_000);
    expect(reader.texts).toEqual(["while it slept"]);
  });

  test("asks within 10 s even if its timers were stopped, like those of a suspended machine", async () => {
    await world.pass(35_000);
    const before = pings().length;
    world.clock.setWallClock(45_000);
    await world.pass(10_000);
    expect(pings()).toHaveLength(before + 1);
  });

  test("reconnects on waking if it was waiting", async () => {
    world.server.latest.end();
    await world.clock.sleep(8 * 60 * MINUTE_MS);
    await world.pass(1_000);
    expect(client.state.name).toBe("open");
    expect(world.server.openSockets).toHaveLength(1);
  });

  test("has one live connection a moment after it wakes, even if the handover was due too", async () => {
    await world.pass(30_000);
    world.server.latest.isSilent = true;
    await world.clock.sleep(12 * 60 * MINUTE_MS);
    await world.pass(30_000);
    expect(client.state.name).toBe("open");
    expect(world.server.openSockets.filter(({ isSilent }) => !isSilent)).toHaveLength(1);
  });

  test.each([-3 * 60 * MINUTE_MS, 3 * 60 * MINUTE_MS])(
    "isn't assumed when only the clock is set by %d ms: pings still go out every two minutes",
    async (ms) => {
      await world.pass(35_000);
      world.clock.setWallClock(ms);
      await world.pass(60 * MINUTE_MS);
      expect(pings().length).toBeGreaterThanOrEqual(29);
      expect(pings().length).toBeLessThanOrEqual(32);
    },
  );

  test("isn't assumed if nothing slept: pings are no more frequent than they should be", async () => {
    await world.pass(60 * MINUTE_MS);
    expect(pings().length).toBeLessThanOrEqual(31);
  });
});
