/** The next connection takes over before the server closes the current one after two hours. */
import { beforeEach, describe, expect, test } from "vitest";
import type { ChatError } from "../../client/index.ts";
import { Reader } from "./reader.ts";
import { namesOf, outcomeOf, statesOf, World } from "./virtual/world.ts";

const MINUTE_MS = 60_000;

let world: World;
beforeEach(() => {
  world = new World();
});

describe("the handover before the two-hour cut", () => {
  test.each([
    [0, 100],
    [0.5, 105],
    [1 - Number.EPSILON, 110],
  ])("begins at a different time for each client: with chance %d after %d minutes", async (chance, minutes) => {
    world.clock.chance = () => chance;
    await world.openClient();
    await world.pass(minutes * MINUTE_MS - 1_000);
    expect(world.server.sockets).toHaveLength(1);
    await world.pass(2_000);
    expect(world.server.sockets).toHaveLength(2);
  });

  test("opens the second connection before the first one closes, and the state stays open", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    world.server.travelMs = 1_000;
    await world.pass(105 * MINUTE_MS + 1_500);
    const [first, second] = world.server.sockets;
    expect([first?.isOpen, second?.isOpen]).toEqual([true, true]);
    await world.pass(10_000);
    expect([first?.isOpen, second?.isOpen]).toEqual([false, true]);
    expect(first?.closedWith).toBe(1000);
    expect(states).toEqual([]);
  });

  test("fetches a new token for the second connection", async () => {
    let asked = 0;
    await world.openClient("ana", { token: async () => `ana-${++asked}` });
    await world.pass(106 * MINUTE_MS);
    expect(world.server.sockets.map(({ user }) => user)).toEqual(["ana-1", "ana-2"]);
  });

  test("happens again for each connection, for days", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    await world.pass(26 * 60 * MINUTE_MS);
    expect(world.server.sockets.length).toBeGreaterThanOrEqual(14);
    expect(world.server.openSockets).toHaveLength(1);
    expect(states).toEqual([]);
    for (const [i, { openedAt }] of world.server.sockets.slice(1).entries()) {
      const before = world.server.sockets[i] as { openedAt: number };
      expect(openedAt - before.openedAt).toBeLessThan(110 * MINUTE_MS);
    }
  });

  test("shows every event exactly once while both connections deliver events", async () => {
    const client = await world.openClient();
    const reader = new Reader(client.room("r"), 0);
    world.server.travelMs = 700;
    await world.pass(105 * MINUTE_MS - 3_000);
    for (let i = 0; i < 40; i++) {
      world.server.push("r", world.server.write("r", `message ${i}`));
      await world.pass(250);
    }
    await world.pass(MINUTE_MS);
    expect(world.server.sockets).toHaveLength(2);
    expect(reader.texts).toEqual(Array.from({ length: 40 }, (_, i) => `message ${i}`));
  });

  test("finds entries that were pushed to neither connection", async () => {
    const client = await world.openClient();
    const reader = new Reader(client.room("r"), 0);
    await world.pass();
    world.server.brings = ({ type }) => type !== "event";
    await world.pass(104 * MINUTE_MS + 59_000);
    world.server.write("r", "missed");
    await world.pass(2_000);
    expect(world.server.sockets).toHaveLength(2);
    expect(reader.texts).toEqual(["missed"]);
  });

  test("keeps the first connection until its requests are answered, and no longer", async () => {
    const client = await world.openClient();
    await world.pass(105 * MINUTE_MS - 200);
    world.server.on("listMembers", (frame, socket, usual) => {
      world.clock.after(3_000, () => socket.say({ id: frame.id, ...usual() }));
      return undefined;
    });
    const members = client.room().members();
    const areOpen = () => world.server.sockets.map(({ isOpen }) => isOpen);
    await world.pass(2_900);
    expect(areOpen()).toEqual([true, true]);
    await world.pass(200);
    expect(areOpen()).toEqual([false, true]);
    expect(await outcomeOf(members)).toMatchObject({ members: [{ id: "ana" }] });
  });

  test("closes the first connection after 31 s if a request there is never answered", async () => {
    const client = await world.openClient();
    await world.pass(105 * MINUTE_MS - 100);
    world.server.on("listMembers", () => undefined, 1);
    const members = client
      .room()
      .members()
      .catch((error: ChatError) => error.code);
    await world.pass(29_000);
    expect(world.server.sockets.map(({ isOpen }) => isOpen)).toEqual([true, true]);
    await world.pass(5_000);
    expect(world.server.sockets.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    expect(await members).toBe("TIMEOUT");
  });

  test.each([1000, 1001, 1006])("isn't disturbed by the first connection's late close, with code %d", async (code) => {
    const client = await world.openClient();
    const [first] = world.server.sockets;
    if (first !== undefined) first.closesLate = true;
    await world.pass(106 * MINUTE_MS);
    const states = statesOf(client);
    expect(first?.readyState).toBe(2);
    first?.end(code);
    await world.pass(MINUTE_MS);
    expect(states).toEqual([]);
    expect(world.server.openSockets).toHaveLength(1);
    expect(world.server.sockets).toHaveLength(2);
  });

  test.each([
    ["while one of its answers is awaited", true],
    ["while it is closing", false],
  ])("isn't disturbed by frames that the first connection still delivers %s", async (_, isAwaited) => {
    const client = await world.openClient();
    const first = world.server.latest;
    first.closesLate = true;
    await world.pass(105 * MINUTE_MS - 200);
    world.server.on("listRooms", () => undefined);
    if (isAwaited) client.rooms().catch(() => {});
    await world.pass(1_000);
    expect(first.isOpen).toBe(isAwaited);
    const states = statesOf(client);
    first.say({ type: "bye", reason: "two hours are over", retryAfterMs: 5_000 });
    await world.pass(MINUTE_MS);
    expect(states).toEqual([]);
    expect(world.server.sockets).toHaveLength(2);
  });

  test("continues if the first connection is lost: the second takes over as soon as it is ready", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    world.server.travelMs = 1_000;
    await world.pass(105 * MINUTE_MS + 500);
    world.server.sockets[0]?.end(1006);
    await world.pass(30_000);
    expect(namesOf(states)).toEqual(["connecting", "open"]);
    expect(world.server.sockets).toHaveLength(2);
  });

  test("keeps the first connection if the second doesn't open, and retries", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    let refusals = 3;
    world.server.handshake = () => (refusals-- > 0 ? "refuse" : "open");
    await world.pass(106 * MINUTE_MS);
    expect(world.server.sockets).toHaveLength(5);
    expect(world.server.openSockets).toEqual([world.server.sockets[4]]);
    expect(states).toEqual([]);
  });

  test("ends if both connections are lost: the client waits and reconnects", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    world.server.travelMs = 1_000;
    await world.pass(105 * MINUTE_MS + 500);
    for (const socket of world.server.sockets) socket.end(1006);
    await world.pass(30_000);
    expect(namesOf(states)).toEqual(["connecting", "waiting", "connecting", "open"]);
  });
});
