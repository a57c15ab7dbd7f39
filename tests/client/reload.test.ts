/** With a store, messages survive the page: the next client sends them in their original order. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ChatError, Client, Outgoing } from "../../client/index.ts";
import { refusal } from "./virtual/server.ts";
import { VirtualStore } from "./virtual/store.ts";
import { outcomeOf, World } from "./virtual/world.ts";

const HOUR_MS = 3_600_000;

let world: World;
let store: VirtualStore;
beforeEach(() => {
  world = new World();
  store = new VirtualStore();
});

const open = () => world.client("ana", { store });
const openNow = () => world.openClient("ana", { store });

async function reload(client: Client): Promise<Client> {
  client.close();
  await world.pass();
  return open();
}

describe("the store", () => {
  test("has a message before the server does, and the time from which the server may have it", async () => {
    const client = await openNow();
    const known: unknown[] = [];
    world.server.on("sendMessage", (_, __, usual) => {
      known.push(structuredClone([...store.appends.values()]));
      return usual();
    });
    const startedAt = world.clock.now();
    const { id } = client.room().send("hi");
    await world.pass();
    expect(known).toEqual([
      [
        {
          id,
          room: "lobby",
          append: { action: "sendMessage", text: "hi" },
          order: expect.any(Number),
          firstSentAt: startedAt,
        },
      ],
    ]);
  });

  test("contains no acknowledged messages", async () => {
    const client = await openNow();
    for (let i = 0; i < 5; i++) client.room().send(`message ${i}`);
    await world.pass(1_000);
    expect(store.texts).toEqual([]);
  });

  test("keeps the time of the first attempt, however many attempts follow", async () => {
    const client = await openNow();
    world.server.on("sendMessage", () => undefined);
    client.room().send("hi");
    const startedAt = world.clock.now();
    await world.pass(HOUR_MS);
    expect([...store.appends.values()]).toMatchObject([{ firstSentAt: startedAt }]);
  });

  test("that doesn't accept a message makes the message fail, and the next message is sent", async () => {
    const client = await openNow();
    store.failing.put = new Error("the disk is full");
    const failed = client.room().send("one");
    await world.pass();
    expect(failed).toMatchObject({ status: "failed", error: { code: "NOT_STORED", message: "the disk is full" } });
    expect(failed.error?.cause).toBe(store.failing.put);
    store.failing = {};
    const sent = client.room().send("two");
    await world.pass();
    expect(await outcomeOf(sent.acknowledged)).toMatchObject({ seq: 1 });
    expect(world.server.texts("lobby")).toEqual(["two"]);
  });

  test("that can't be read makes new messages fail, because they would overtake the stored ones", async () => {
    store.failing.load = new Error("no list");
    const client = await openNow();
    const failed = client.room().send("hi");
    await world.pass(1_000);
    expect(failed).toMatchObject({ status: "failed", error: { code: "NOT_STORED" } });
    expect(world.server.asked("sendMessage")).toEqual([]);
  });

  test("that fails to remove a message causes a second send after a reload, but the room gets one entry", async () => {
    const client = await openNow();
    store.failing.remove = new Error("busy");
    client.room().send("hi");
    await world.pass();
    expect(client.room().outgoing).toEqual([]);
    store.failing = {};
    await reload(client);
    await world.pass();
    expect(world.server.texts("lobby")).toEqual(["hi"]);
    expect(store.texts).toEqual([]);
  });

  describe("that fails while another message is on its way", () => {
    const rejections: unknown[] = [];
    let usual: NodeJS.UnhandledRejectionListener[] = [];
    const note = (reason: unknown) => void rejections.push(reason);
    beforeEach(() => {
      rejections.length = 0;
      usual = process.listeners("unhandledRejection");
      process.removeAllListeners("unhandledRejection");
      process.on("unhandledRejection", note);
    });
    afterEach(() => {
      process.off("unhandledRejection", note);
      for (const listener of usual) process.on("unhandledRejection", listener);
    });

    test("leaves no promise rejection unhandled, which would end a Node process", async () => {
      const client = await openNow();
      world.server.on("sendMessage", () => undefined);
      client.room().send("on its way");
      await world.pass();
      store.failing.put = new Error("the disk is full");
      client.room().send("not stored");
      await world.pass();
      expect(rejections).toEqual([]);
    });
  });
});

describe("after a reload", () => {
  test("unacknowledged messages are pending and are sent in order, before new ones", async () => {
    const first = await openNow();
    world.goOffline();
    for (let i = 0; i < 10; i++) first.room().send(`message ${i}`);
    await world.pass();
    const second = await reload(first);
    second.room().send("message 10");
    await world.pass(0);
    expect(second.room().outgoing.map(({ append }) => "text" in append && append.text)).toEqual(
      Array.from({ length: 11 }, (_, i) => `message ${i}`),
    );
    await world.pass(1_000);
    expect(world.server.texts("lobby")).toEqual(Array.from({ length: 11 }, (_, i) => `message ${i}`));
    expect(second.room().outgoing).toEqual([]);
  });

  test("a message whose ack was lost is resent with its id as a retry and leaves one entry", async () => {
    const first = await openNow();
    world.server.brings = ({ type }) => type !== "ack" && type !== "event";
    const { id } = first.room().send("hi");
    await world.pass();
    world.server.obey();
    const second = await reload(first);
    await world.pass(0);
    const [resumed] = second.room().outgoing as [Outgoing];
    await world.pass();
    expect(world.server.asked("sendMessage").map((frame) => [frame.id, frame.retry])).toEqual([
      [id, undefined],
      [id, true],
    ]);
    expect(await outcomeOf(resumed.acknowledged)).toMatchObject({ seq: 1 });
    expect(world.server.texts("lobby")).toEqual(["hi"]);
  });

  test("a message that hasn't been attempted yet is sent without the retry mark", async () => {
    const first = await openNow();
    world.server.on("sendMessage", () => undefined, 1);
    first.room().send("on its way");
    first.room().send("waits");
    await world.pass();
    await reload(first);
    await world.pass(1_000);
    expect(world.server.asked("sendMessage").map(({ text, retry }) => [text, retry])).toEqual([
      ["on its way", undefined],
      ["on its way", true],
      ["waits", undefined],
    ]);
  });

  test("messages for several rooms are sent, in order within each room", async () => {
    const first = await openNow();
    world.goOffline();
    for (const text of ["1", "2", "3"]) for (const room of ["lobby", "den"]) first.room(room).send(text);
    await world.pass();
    await reload(first);
    await world.pass(5_000);
    expect([world.server.texts("lobby"), world.server.texts("den")]).toEqual([
      ["1", "2", "3"],
      ["1", "2", "3"],
    ]);
  });

  test("a failed message is still failed, isn't sent, and may be discarded", async () => {
    const first = await openNow();
    world.server.on("sendMessage", () => refusal("TOO_LARGE"), 1);
    first.room().send("too much");
    await world.pass();
    const second = await reload(first);
    await world.pass(1_000);
    const [failed] = second.room().outgoing as [Outgoing];
    expect(failed).toMatchObject({ status: "failed", error: { code: "TOO_LARGE", retryable: false } });
    expect(await outcomeOf(failed.acknowledged.catch((error: ChatError) => error.code))).toBe("TOO_LARGE");
    expect(world.server.asked("sendMessage")).toHaveLength(1);
    failed.discard();
    await world.pass();
    expect(store.texts).toEqual([]);
  });

  test("a message whose first attempt was 23 hours ago isn't resent", async () => {
    const first = await openNow();
    world.server.on("sendMessage", () => undefined);
    first.room().send("hi");
    await world.pass();
    first.close();
    await world.pass(23 * HOUR_MS + 1_000);
    world.server.obey();
    const second = await openNow();
    await world.pass();
    expect(second.room().outgoing).toMatchObject([{ status: "failed", error: { code: "NOT_CONFIRMED" } }]);
    expect(world.server.asked("sendMessage")).toHaveLength(1);
    expect([...store.appends.values()]).toMatchObject([{ failedWith: "NOT_CONFIRMED" }]);
  });

  test("the order holds over a second reload, though the first run sent many messages at once", async () => {
    const first = await openNow();
    world.goOffline();
    for (let i = 0; i < 300; i++) first.room().send(`message ${i}`);
    await world.pass(50);
    const second = await reload(first);
    world.goOffline();
    second.room().send("message 300");
    await world.pass(50);
    await reload(second);
    await world.pass(10_000);
    expect(world.server.texts("lobby")).toEqual(Array.from({ length: 301 }, (_, i) => `message ${i}`));
  });

  test("the order holds over a second reload, though the wall clock was set back", async () => {
    const first = await openNow();
    world.goOffline();
    first.room().send("one");
    await world.pass();
    first.close();
    world.clock.setWallClock(-HOUR_MS);
    const second = open();
    world.goOffline();
    second.room().send("two");
    await world.pass();
    await reload(second);
    await world.pass(1_000);
    expect(world.server.texts("lobby")).toEqual(["one", "two"]);
  });
});

describe("a client that closes", () => {
  /** The states in which a message may be. */
  const moments: [string, (client: Client) => Promise<void> | void][] = [
    [
      "waits for the connection",
      async (client) => {
        world.goOffline();
        client.room().send("hi");
      },
    ],
    [
      "is on its way",
      async (client) => {
        world.server.on("sendMessage", () => undefined, 1);
        client.room().send("hi");
      },
    ],
    [
      "waits for its next attempt",
      async (client) => {
        world.server.on("sendMessage", () => refusal("INTERNAL", { retryable: true, retryAfterMs: 5_000 }), 1);
        client.room().send("hi");
      },
    ],
    [
      "waits for its room to be joined",
      async (client) => {
        world.server.on("joinRoom", () => undefined, 1);
        client.room("den").send("hi");
        await world.pass(1_000);
      },
    ],
    [
      "waits for a newer token",
      async (client) => {
        world.server.on("sendMessage", () => refusal("TOKEN_EXPIRED"), 1);
        world.server.on("refreshToken", () => undefined, 1);
        client.room().send("hi");
        await world.pass(1_000);
      },
    ],
  ];

  test.each(moments)("while a message %s leaves it in the store, for the next client to send", async (_, come) => {
    const first = await openNow();
    await come(first);
    await world.pass();
    first.close();
    await world.pass(60_000);
    expect([...store.appends.values()]).toEqual([expect.not.objectContaining({ failedWith: expect.anything() })]);
    await openNow();
    await world.pass(5_000);
    expect([...world.server.texts("lobby"), ...world.server.texts("den")]).toEqual(["hi"]);
    expect(store.texts).toEqual([]);
  });

  test("stores messages sent after close(), and doesn't send them to the server", async () => {
    const first = await openNow();
    first.close();
    first.room().send("hi");
    await world.pass(60_000);
    expect(world.server.asked("sendMessage")).toEqual([]);
    expect(store.texts).toEqual(["hi"]);
  });
});
