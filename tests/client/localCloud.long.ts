/**
 * Tests the library and the chat together on the local cloud: the guarantees hold over wires that break and drop frames.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import { Fold } from "../../client/fold/index.ts";
import type { Client, HistoryPage, User } from "../../client/index.ts";
import { fileStore } from "../../client/store/index.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { badWire } from "./badWire.ts";
import { opened, People } from "./people.ts";
import { Reader } from "./reader.ts";
import { expectOneOrder } from "./twoSenders.ts";

let cloud: LocalCloud;
let people: People;
beforeAll(async () => {
  cloud = await startLocalCloud();
  people = new People(cloud.outputs.webSocketUrl as string);
});
afterEach(() => people.leave());
afterAll(() => cloud?.stop());

const texts = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

/** Sends messages that others must see, and resolves when all of them are acknowledged. */
async function say(client: Client, room: string, ...all: string[]): Promise<number[]> {
  const sent = all.map((text) => client.room(room).send(text));
  return (await Promise.all(sent.map(({ acknowledged }) => acknowledged))).map(({ seq }) => seq);
}

describe("two clients that send 100 messages each at the same time", () => {
  test("yield one order for all readers that keeps each client's order", () => expectOneOrder(people, "busy", 100));
});

describe("connections that break at any moment", () => {
  test("lose, duplicate and reorder none of 200 messages", async () => {
    // Connections break before or after any frame arrives, including acks and events, but not while they open.
    let frames = 0;
    const breaks = ({ action, type }: { action?: string; type?: string }) =>
      action !== "hello" && type !== "ready" && ++frames % 37 === 0;
    const wires = [badWire({ breaks }), badWire({ breaks })];
    const clients = wires.map(({ WebSocket }, i) => people.client(`user ${i}`, { WebSocket, heartbeatMs: 500 }));
    const readers = [...clients, people.client("eve")].map((client) => new Reader(client.room("breaking"), 0));
    await Promise.all(clients.map((client, i) => say(client, "breaking", ...texts(`user ${i}`, 100))));
    await Promise.all(readers.map((reader) => reader.until(({ texts }) => texts.length >= 200)));
    expect(wires.map(({ sockets }) => sockets.length > 5)).toEqual([true, true]);
    for (const reader of readers) {
      expect(reader.entries).toEqual(readers[0]?.entries);
      for (const name of ["user 0", "user 1"])
        expect(reader.texts.filter((text) => text.startsWith(name))).toEqual(texts(name, 100));
      expect(reader.texts).toHaveLength(200);
    }
    expect(clients.flatMap((client) => client.room("breaking").outgoing)).toEqual([]);
  });
});

describe("frames that are lost", () => {
  test("between other pushes are requested, and those at the end are found by the heartbeat", async () => {
    let pushes = 0;
    let isTail = false;
    const { WebSocket } = badWire({ loses: ({ type }) => type === "event" && (isTail || ++pushes % 3 !== 0) });
    const listener = people.client("eve", { WebSocket, heartbeatMs: 700 });
    const reader = new Reader(listener.room("lossy"), 0);
    const speaker = people.client("ana");
    await Promise.all([opened(listener), opened(speaker)]);
    await say(speaker, "lossy", ...texts("gap", 30));
    isTail = true;
    await say(speaker, "lossy", ...texts("tail", 5));
    await reader.until(({ texts }) => texts.length >= 35);
    expect(reader.texts).toEqual([...texts("gap", 30), ...texts("tail", 5)]);
    expect(pushes).toBeGreaterThan(10);
  });

  test("may be acks: a message's own event serves as its ack, and if both are lost, the message is resent", async () => {
    let acks = 0;
    const { WebSocket } = badWire({
      loses: ({ type, seq }) => type === "ack" && seq !== undefined && ++acks % 2 === 0,
    });
    const speaker = people.client("ana", { WebSocket });
    await say(speaker, "no acks", ...texts("ana", 10));
    expect(acks).toBeGreaterThanOrEqual(10);
    const reader = new Reader(people.client("bob").room("no acks"), 0);
    await reader.until(({ texts }) => texts.length >= 10);
    expect(reader.texts).toEqual(texts("ana", 10));
  });
});

describe("what people do with a room", () => {
  test("edits, deletions, reactions and replies fold to the same view for everyone", async () => {
    const [ana, bob] = [people.client("ana"), people.client("bob")];
    const readers = [ana, bob].map((client) => new Reader(client.room("fold"), 0));
    const [first = 0, second = 0] = await say(ana, "fold", "first", "second");
    await Promise.all([
      ana.room("fold").edit(first, "first, edited").acknowledged,
      bob.room("fold").react(first, "👍").acknowledged,
      ana.room("fold").react(first, "👍").acknowledged,
      ana.room("fold").react(first, "🎉").acknowledged,
      bob.room("fold").send("an answer", { replyTo: second }).acknowledged,
    ]);
    await Promise.all([
      ana.room("fold").react(first, "🎉", false).acknowledged,
      ana.room("fold").delete(second).acknowledged,
    ]);
    await Promise.all(readers.map((reader) => reader.until(({ entries }) => entries.length >= 9)));
    const folds = readers.map(({ entries }) => {
      const fold = new Fold();
      fold.add(entries);
      return fold;
    });
    expect(folds[0]?.messages).toMatchObject([
      { seq: first, text: "first, edited", isDeleted: false, editedAt: expect.any(Number) },
      { seq: second, text: "", isDeleted: true },
      { text: "an answer", replyTo: second },
    ]);
    const reactions = folds[0]?.message(first)?.reactions ?? new Map<string, User[]>();
    expect([...reactions.keys()]).toEqual(["👍"]);
    expect(
      reactions
        .get("👍")
        ?.map(({ id }) => id)
        .sort(),
    ).toEqual(["ana", "bob"]);
    expect(folds[1]?.messages).toEqual(folds[0]?.messages);
  });

  test("forbidden changes are refused, and later messages are still sent", async () => {
    const [ana, bob] = [people.client("ana"), people.client("bob")];
    const [seq = 0] = await say(ana, "refused", "ana's own");
    new Reader(bob.room("refused"));
    const foreign = bob.room("refused").edit(seq, "not bob's");
    const tooLong = bob.room("refused").send("x".repeat(8_193));
    const fine = bob.room("refused").send("fine");
    await expect(fine.acknowledged).resolves.toMatchObject({ seq: expect.any(Number) });
    await expect(foreign.acknowledged).rejects.toMatchObject({ code: "FORBIDDEN", retryable: false });
    await expect(tooLong.acknowledged).rejects.toMatchObject({ code: "TOO_LARGE", retryable: false });
    expect(bob.room("refused").outgoing).toEqual([foreign, tooLong]);
  });

  test("presence, typing and read markers reach the others", async () => {
    const ana = people.client("ana");
    const reader = new Reader(ana.room("people"));
    await opened(ana);
    await say(ana, "people", "hi");
    const bob = people.client("bob");
    new Reader(bob.room("people"));
    await reader.until(({ heard }) => heard.presence.some(({ user, online }) => user.id === "bob" && online));
    expect((await ana.room("people").members()).members.map(({ id }) => id).sort()).toEqual(["ana", "bob"]);
    bob.room("people").typing(true);
    await reader.until(({ heard }) => heard.typing.some(({ user, typing }) => user.id === "bob" && typing));
    bob.room("people").markRead(1);
    await reader.until(({ heard }) => heard.read.some(({ user, seq }) => user.id === "bob" && seq === 1));
    bob.close();
    await reader.until(({ heard }) => heard.presence.some(({ user, online }) => user.id === "bob" && !online));
  });

  test("a user's rooms are listed with unread counts, without rooms that the user has left", async () => {
    const [cat, dan] = [people.client("cat"), people.client("dan")];
    for (const room of ["list a", "list b", "list c"]) new Reader(cat.room(room));
    await Promise.all(["list a", "list b", "list c"].map((room) => say(dan, room, "1", "2", "3")));
    cat.room("list a").markRead(2);
    await vi.waitFor(
      async () => {
        const rooms = (await cat.rooms()).filter(({ name }) => name.startsWith("list"));
        expect(rooms).toEqual([
          { name: "list a", head: 3, read: 2, unread: 1 },
          { name: "list b", head: 3, read: 0, unread: 3 },
          { name: "list c", head: 3, read: 0, unread: 3 },
        ]);
      },
      { timeout: 10_000 },
    );
    await cat.room("list b").leave();
    expect((await cat.rooms()).map(({ name }) => name).filter((name) => name.startsWith("list"))).toEqual([
      "list a",
      "list c",
    ]);
  });

  test("a room's name in two Unicode forms means the same room", async () => {
    const [ana, bob] = [people.client("ana"), people.client("bob")];
    const reader = new Reader(bob.room("cafe\u0301"), 0);
    await say(ana, "caf\u00e9", "hi");
    await reader.until(({ texts }) => texts.length > 0);
    expect(reader.texts).toEqual(["hi"]);
  });

  test("a room's history is read in pages back to the first entry", async () => {
    const ana = people.client("ana");
    await say(ana, "past", ...texts("ana", 25));
    const pages: HistoryPage[] = [];
    for await (const page of people.client("bob").room("past").history({ limit: 10 })) pages.unshift(page);
    expect(pages.map(({ isFirst }) => isFirst)).toEqual([true, false, false]);
    expect(pages.flatMap(({ entries }) => entries.map((entry) => "text" in entry && entry.text))).toEqual(
      texts("ana", 25),
    );
  });
});

describe("a token that is valid for eleven seconds", () => {
  test("is refreshed in time: nothing is refused, and the connection stays open", async () => {
    const { host } = new URL(cloud.outputs.webSocketUrl as string);
    let next = Promise.withResolvers<void>();
    const token = () => {
      next.resolve();
      next = Promise.withResolvers();
      return requestToken(`http://${host}`, { user: "ana", expiresIn: 11 });
    };
    const refusals: unknown[] = [];
    const wire = badWire({ loses: (frame) => frame.type === "error" && refusals.push(frame) < 0 });
    const ana = people.client("ana", { WebSocket: wire.WebSocket, token });
    const reader = new Reader(people.client("bob").room("short"), 0);
    // The first token has expired when the fourth is requested.
    const sent = texts("ana", 4);
    for (const text of sent) {
      const asked = next.promise;
      await say(ana, "short", text);
      if (text !== sent.at(-1)) await asked;
    }
    await reader.until(({ texts }) => texts.length >= sent.length);
    expect(reader.texts).toEqual(sent);
    expect(refusals.filter((frame) => (frame as { code: string }).code === "TOKEN_EXPIRED")).toEqual([]);
    expect(wire.sockets).toHaveLength(1);
  });
});

describe("clients that close while sending, with a shared store", () => {
  let folder = "";
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("lose and duplicate nothing when the next client continues", async () => {
    folder = await mkdtemp(join(tmpdir(), "chat-reload-"));
    const path = join(folder, "unsent.json");
    const all = texts("ana", 60);
    const reader = new Reader(people.client("eve").room("reload"), 0);
    const store = fileStore(path);
    for (const part of [all.slice(0, 20), all.slice(20, 40), all.slice(40)]) {
      const ana = people.client("ana", { store });
      const before = reader.texts.length;
      const sent = part.map((text) => ana.room("reload").send(text));
      // The last client does everything that is left; the others close while some messages are in flight.
      if (part.includes("ana 59")) await Promise.all(sent.map(({ acknowledged }) => acknowledged));
      else await reader.until(({ texts }) => texts.length >= before + 10);
      ana.close();
    }
    await reader.until(({ texts }) => texts.length >= 60);
    expect(reader.texts).toEqual(all);
    await vi.waitFor(async () => expect(JSON.parse(await readFile(path, "utf8"))).toEqual([]));
  });
});
