/** Tests close() in every state of the client. */
import { beforeEach, describe, expect, test } from "vitest";
import type { ChatError, Client, Outgoing } from "../../client/index.ts";
import { Reader } from "./reader.ts";
import { refusal } from "./virtual/server.ts";
import { VirtualStore } from "./virtual/store.ts";
import { outcomeOf, statesOf, World } from "./virtual/world.ts";

const MINUTE_MS = 60_000;

let world: World;
beforeEach(() => {
  world = new World();
});

describe("close()", () => {
  test("ends the connection and rejects pending requests", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    world.server.on("listRooms", () => undefined);
    const rooms = client.rooms().catch((error: ChatError) => error);
    await world.pass();
    client.close();
    expect(await rooms).toMatchObject({ code: "CLOSED", retryable: false });
    await world.pass();
    expect(states).toEqual([{ name: "closed" }]);
    expect(world.server.latest).toMatchObject({ readyState: 3, closedWith: 1000 });
    await expect(client.rooms()).rejects.toMatchObject({ code: "CLOSED" });
  });

  test("rejects requests that wait for a connection that hasn't opened yet", async () => {
    world.server.handshake = () => "silence";
    const client = await world.openClient();
    const rooms = client.rooms().catch((error: ChatError) => error.code);
    client.close();
    expect(await rooms).toBe("CLOSED");
  });

  test("rejects a request that waits for a newer token", async () => {
    let asked = 0;
    const client = await world.openClient("ana", {
      token: () => (++asked === 1 ? "ana" : new Promise<string>(() => {})),
    });
    world.server.on("listRooms", () => refusal("TOKEN_EXPIRED"));
    const rooms = client.rooms().catch((error: ChatError) => error.code);
    await world.pass();
    client.close();
    await world.pass(MINUTE_MS);
    expect(await outcomeOf(rooms)).toBe("CLOSED");
  });

  test("stops reading a page that waits for a position to settle", async () => {
    const client = await world.openClient();
    world.server.write("lobby", "hi");
    world.server.on("getHistory", () => ({ ...world.server.page("lobby", 1, 0), retryAfterMs: 2_000 }));
    const page = client
      .room()
      .history()
      .next()
      .catch((error: ChatError) => error.code);
    await world.pass();
    client.close();
    await world.pass(MINUTE_MS);
    expect(await outcomeOf(page)).toBe("CLOSED");
  });

  test("may be called twice, and the state is reported once", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    client.close();
    client.close();
    expect(states).toEqual([{ name: "closed" }]);
  });

  test("stays in effect when the network comes and goes", async () => {
    const client = await world.openClient();
    client.close();
    world.goOffline();
    world.goOnline();
    await world.pass(MINUTE_MS);
    expect(client.state.name).toBe("closed");
    expect(world.server.sockets).toHaveLength(1);
  });

  /** Moments at which close() is called: everything that a client may be doing. */
  const moments: [string, (world: World, client: Client) => Promise<void> | void][] = [
    ["as soon as the client is created", () => {}],
    [
      "while its first connection opens",
      async (world) => {
        world.server.travelMs = 1_000;
        await world.pass(500);
      },
    ],
    [
      "while a connection does not open",
      async (world) => {
        world.server.handshake = () => "silence";
        await world.pass();
      },
    ],
    [
      "while hello is unanswered",
      async (world) => {
        world.server.on("hello", () => undefined);
        await world.pass();
      },
    ],
    ["while it is open", (world) => world.pass()],
    [
      "while it waits to reconnect",
      async (world) => {
        await world.pass();
        world.server.latest.end();
      },
    ],
    [
      "while it is offline",
      async (world) => {
        await world.pass();
        world.goOffline();
      },
    ],
    [
      "during the handover",
      async (world) => {
        await world.pass();
        world.server.travelMs = 1_000;
        await world.pass(105 * MINUTE_MS + 500);
      },
    ],
    [
      "after a bye",
      async (world) => {
        await world.pass();
        world.server.latest.say({ type: "bye", reason: "so", retryAfterMs: 1_000 });
      },
    ],
    [
      "while the newer token is being sent",
      async (world) => {
        world.server.tokenLifeMs = 10_000;
        world.server.on("refreshToken", () => undefined);
        await world.pass(5_500);
      },
    ],
    [
      "while a newer token is requested without a connection",
      async (world) => {
        world.server.tokenLifeMs = 10_000;
        await world.pass(1_000);
        world.server.handshake = () => "silence";
        world.server.latest.end();
        await world.pass(6_000);
      },
    ],
    [
      "while a ping is unanswered",
      async (world, client) => {
        await world.pass();
        world.server.on("ping", () => undefined);
        void client.check();
        await world.pass();
      },
    ],
    [
      "while a message is unacknowledged",
      async (world, client) => {
        await world.pass();
        world.server.on("sendMessage", () => undefined);
        client.room().send("hi");
        await world.pass();
      },
    ],
    [
      "while the entries of a gap are requested",
      async (world, client) => {
        await world.pass();
        world.server.on("getHistory", () => undefined);
        world.server.write("lobby", "one");
        void client.check();
        await world.pass(1_000);
      },
    ],
  ];

  test.each(moments)("%s is final: no connection, frame, token request or callback follows", async (_, come) => {
    let tokens = 0;
    const token = async () => {
      tokens += 1;
      return "ana";
    };
    const client = world.client("ana", { token });
    const reader = new Reader(client.room());
    await come(world, client);
    client.close();
    const states = statesOf(client);
    const frames = () => world.server.sockets.flatMap(({ sent }) => sent).length;
    const before = {
      heard: JSON.stringify(reader.heard),
      tokens,
      frames: frames(),
      sockets: world.server.sockets.length,
    };
    await world.pass(3 * 60 * MINUTE_MS);
    expect(client.state.name).toBe("closed");
    expect(states).toEqual([]);
    expect({
      heard: JSON.stringify(reader.heard),
      tokens,
      frames: frames(),
      sockets: world.server.sockets.length,
    }).toEqual(before);
    expect(world.server.openSockets).toEqual([]);
  });

  test("drops frames that arrive before the socket has closed, as they do with `ws`", async () => {
    const client = await world.openClient();
    const reader = new Reader(client.room());
    await world.pass();
    client.close();
    const heard = JSON.stringify(reader.heard);
    const user = { id: "bob", name: "BOB" };
    const entry = { seq: 1, kind: "message", id: "b", user, sentAt: 1, text: "late" };
    world.server.latest.say({ type: "event", room: "lobby", entries: [entry] });
    world.server.latest.say({ type: "typing", room: "lobby", user, typing: true });
    world.server.latest.say({ type: "presence", room: "lobby", user, online: true });
    world.server.latest.say({ type: "read", room: "lobby", user, seq: 1 });
    await world.pass(MINUTE_MS);
    expect(JSON.stringify(reader.heard)).toBe(heard);
  });

  test.each(moments)("%s leaves no timer behind that would keep the process alive", async (_, come) => {
    const client = world.client();
    new Reader(client.room());
    await come(world, client);
    client.close();
    // The virtual server's own timers, which don't belong to the client, run out first.
    await world.pass(world.server.travelMs * 4);
    expect(world.clock.timers).toBe(0);
  });
});

describe("a message sent before or after close()", () => {
  const kept = /in the store, and the next client sends it/;
  const rejection = (sent: Outgoing) => outcomeOf(sent.acknowledged.catch((error: ChatError) => error));

  test.each([
    [
      "while it is in flight",
      async (client: Client) => {
        const sent = client.room().send("hi");
        await world.pass();
        client.close();
        return sent;
      },
    ],
    [
      "while it waits for the message before it",
      async (client: Client) => {
        client.room().send("hi");
        const sent = client.room().send("and");
        await world.pass();
        client.close();
        return sent;
      },
    ],
    [
      "as soon as it was sent",
      (client: Client) => {
        const sent = client.room().send("hi");
        client.close();
        return sent;
      },
    ],
    [
      "before it was sent",
      (client: Client) => {
        client.close();
        return client.room().send("hi");
      },
    ],
    [
      "before it was sent to another room",
      (client: Client) => {
        client.close();
        return client.room("never seen").send("hi");
      },
    ],
  ])("is rejected with CLOSED when the client is closed %s", async (_, send) => {
    world.server.on("sendMessage", () => undefined);
    for (const store of [undefined, new VirtualStore()]) {
      const client = await world.openClient("ana", store === undefined ? {} : { store });
      const sent = await send(client);
      await world.pass(MINUTE_MS);
      const error = (await rejection(sent)) as ChatError;
      expect(error).toMatchObject({ code: "CLOSED", retryable: false });
      if (store === undefined) expect(error.message).not.toMatch(kept);
      else {
        expect(error.message).toMatch(kept);
        expect(store.appends.get(sent.id)).toMatchObject({ append: sent.append });
        expect(store.appends.get(sent.id)).not.toHaveProperty("failedWith");
      }
    }
  });

  test("is sent by the next client of the same store", async () => {
    const store = new VirtualStore();
    const client = await world.openClient("ana", { store });
    client.close();
    client.room().send("kept");
    await world.pass();
    await world.openClient("ana", { store });
    await world.pass();
    expect(world.server.texts("lobby")).toEqual(["kept"]);
    expect(store.texts).toEqual([]);
  });

  test("isn't reported as stored if the store failed", async () => {
    const store = new VirtualStore();
    store.failing.put = new Error("the disk is full");
    const client = world.client("ana", { store });
    const sent = client.room().send("hi");
    client.close();
    await world.pass();
    const error = (await rejection(sent)) as ChatError;
    expect(error.code).toBe("CLOSED");
    expect(error.message).not.toMatch(kept);
  });

  test("is also rejected if the store had it from an earlier client", async () => {
    const store = new VirtualStore();
    const first = world.client("ana", { store });
    first.room().send("hi");
    first.close();
    await world.pass();
    const second = world.client("ana", { store });
    second.close();
    await world.pass();
    const [resumed] = second.room().outgoing as [Outgoing];
    expect(await rejection(resumed)).toMatchObject({ code: "CLOSED", message: expect.stringMatching(kept) });
  });
});
