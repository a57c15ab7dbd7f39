/** Tests what the client does when the network is lost and comes back. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { namesOf, statesOf, World } from "./virtual/world.ts";

const MINUTE_MS = 60_000;

let world: World;
beforeEach(() => {
  world = new World();
});

describe("the network", () => {
  test("takes the client offline as soon as it is lost, and the client doesn't try to connect", async () => {
    const client = await world.openClient();
    world.goOffline();
    expect(client.state).toEqual({ name: "offline" });
    await world.pass(60 * MINUTE_MS);
    expect(world.server.sockets).toHaveLength(1);
    expect(world.server.openSockets).toEqual([]);
    expect(client.state.name).toBe("offline");
  });

  test("makes the client connect without a pause when it is back", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    world.goOffline();
    await world.pass(MINUTE_MS);
    world.goOnline();
    await world.pass(50);
    expect([...new Set(namesOf(states))]).toEqual(["offline", "connecting", "open"]);
  });

  test("that is reported to be online again changes nothing for a client that isn't offline", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    world.goOnline();
    await world.pass();
    expect(states).toEqual([]);
    expect(world.server.sockets).toHaveLength(1);
  });

  test.each(["waiting", "connecting"])("may be lost while the client is %s", async (name) => {
    world.server.handshake = () => (name === "waiting" ? "refuse" : "silence");
    const client = await world.openClient();
    expect(client.state.name).toBe(name);
    world.goOffline();
    expect(client.state.name).toBe("offline");
    await world.pass(60 * MINUTE_MS);
    expect(client.state.name).toBe("offline");
    expect(world.server.sockets).toHaveLength(1);
    world.server.obey();
    world.goOnline();
    await world.pass();
    expect(client.state.name).toBe("open");
  });

  test("may be lost for a moment while a connection opens: the next attempt doesn't wait for that one to end", async () => {
    world.server.handshake = () => "silence";
    const client = await world.openClient();
    world.goOffline();
    world.server.obey();
    await world.pass(1_000);
    world.goOnline();
    await world.pass(1_000);
    expect(client.state.name).toBe("open");
  });

  test("may be lost while the token function runs: its answer opens no connection", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const client = await world.openClient("ana", { token: () => promise });
    world.goOffline();
    resolve("ana");
    await world.pass(MINUTE_MS);
    expect(world.server.sockets).toEqual([]);
    expect(client.state.name).toBe("offline");
    world.goOnline();
    await world.pass();
    expect(client.state.name).toBe("open");
  });

  test("may be lost during the handover: the client is offline and doesn't connect", async () => {
    const client = await world.openClient();
    world.server.travelMs = 1_000;
    await world.pass(105 * MINUTE_MS + 500);
    world.goOffline();
    expect(client.state.name).toBe("offline");
    for (const socket of world.server.sockets) socket.end();
    await world.pass(10 * MINUTE_MS);
    expect(client.state.name).toBe("offline");
    expect(world.server.sockets).toHaveLength(2);
    world.goOnline();
    await world.pass(10_000);
    expect(client.state.name).toBe("open");
  });

  test("may come and go any number of times: one connection remains", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom("offline", "online", "cut"), fc.integer({ min: 0, max: 3_000 })), {
          maxLength: 20,
        }),
        async (events) => {
          world = new World();
          world.server.travelMs = 300;
          const client = world.client();
          for (const [what, ms] of events) {
            await world.pass(ms);
            if (what === "offline") world.goOffline();
            else if (what === "online") world.goOnline();
            else world.server.latest?.end();
          }
          world.goOnline();
          await world.pass(MINUTE_MS);
          expect(client.state.name).toBe("open");
          expect(world.server.openSockets).toHaveLength(1);
        },
      ),
      { numRuns: 100 },
    );
  });
});
