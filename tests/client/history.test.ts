/** Tests reading a room's history page by page. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { ChatError, Client, HistoryPage } from "../../client/index.ts";
import { refusal } from "./virtual/server.ts";
import { outcomeOf, World } from "./virtual/world.ts";

let world: World;
let client: Client;
beforeEach(async () => {
  world = new World();
  client = await world.openClient();
});

const KINDS = ["message", "edit", "void", "reaction"] as const;

function write(room: string, count: number): void {
  for (let i = 1; i <= count; i++) world.server.write(room, `message ${i}`);
}

/** The outcome of a request a moment later. */
async function soon<T>(asked: Promise<T>): Promise<T | "nothing yet"> {
  await world.pass();
  return outcomeOf(asked);
}

const seqsOf = (page: HistoryPage | undefined | "nothing yet") =>
  typeof page === "object" ? page.entries.map(({ seq }) => seq) : page;

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

describe("a history", () => {
  test("goes back from the newest entry to the first, with the oldest entry of each page first", async () => {
    write("lobby", 250);
    const history = client.room().history();
    const pages = [await soon(history.next()), await soon(history.next()), await soon(history.next())];
    expect(pages.map(seqsOf)).toEqual([range(151, 250), range(51, 150), range(1, 50)]);
    expect(pages.map((page) => typeof page === "object" && page.isFirst)).toEqual([false, false, true]);
    expect(await soon(history.next())).toBeUndefined();
    expect(await soon(history.next())).toBeUndefined();
    expect(world.server.asked("getHistory")).toHaveLength(3);
  });

  test("goes back from a given position, in pages of a given size", async () => {
    write("lobby", 50);
    const history = client.room().history({ before: 20, limit: 7 });
    const pages = [await soon(history.next()), await soon(history.next()), await soon(history.next())];
    expect(pages.map(seqsOf)).toEqual([range(13, 19), range(6, 12), range(1, 5)]);
    expect(world.server.asked("getHistory")).toMatchObject([
      { room: "lobby", before: 20, limit: 7 },
      { before: 13, limit: 7 },
      { before: 6, limit: 7 },
    ]);
  });

  test("before the first position is empty and sends no request", async () => {
    write("lobby", 3);
    expect(await soon(client.room().history({ before: 1 }).next())).toBeUndefined();
    expect(world.server.asked("getHistory")).toEqual([]);
  });

  test("of an empty room is one empty page", async () => {
    const history = client.room().history();
    expect(await soon(history.next())).toEqual({ entries: [], isFirst: true });
    expect(await soon(history.next())).toBeUndefined();
  });

  test("can be iterated with for await", async () => {
    write("lobby", 250);
    const pages: HistoryPage[] = [];
    const reading = (async () => {
      for await (const page of client.room().history()) pages.push(page);
      return "done";
    })();
    await world.pass(1_000);
    expect(await outcomeOf(reading)).toBe("done");
    expect(pages.flatMap(({ entries }) => entries.map(({ seq }) => seq)).sort((a, b) => a - b)).toEqual(range(1, 250));
  });

  test("skips and repeats nothing while the room grows", async () => {
    write("lobby", 150);
    const history = client.room().history();
    const newest = await soon(history.next());
    write("lobby", 80);
    expect([seqsOf(newest), seqsOf(await soon(history.next()))]).toEqual([range(51, 150), range(1, 50)]);
  });

  test("has every authored entry once, even with void positions and short pages", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...KINDS), { maxLength: 120 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }),
        async (kinds, limit, lengths) => {
          world = new World();
          client = await world.openClient();
          for (const kind of kinds) world.server.write("lobby", { kind });
          // A page may have fewer positions than requested, because the frame is full.
          let asked = 0;
          world.server.on("getHistory", ({ before = kinds.length + 1, limit }) => {
            const from = Math.max(1, before - Math.min(limit, lengths[asked++ % lengths.length] as number));
            const { through: _, ...page } = world.server.page("lobby", from, before - from);
            return { ...page, through: before - 1, more: from > 1 };
          });
          const pages: HistoryPage[] = [];
          const history = client.room().history({ limit });
          for (let page = await soon(history.next()); typeof page === "object"; page = await soon(history.next())) {
            pages.unshift(page);
          }
          expect(pages.flatMap(({ entries }) => entries)).toEqual(
            world.server.log("lobby").filter(({ kind }) => kind !== "void"),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test("hides entries of kinds that this version doesn't know", async () => {
    write("lobby", 1);
    world.server.write("lobby", { kind: "poll" });
    expect(seqsOf(await soon(client.room().history().next()))).toEqual([1]);
  });

  test("waits for a position near its end that is still being written", async () => {
    write("lobby", 3);
    world.server.on("getHistory", () => ({ ...world.server.page("lobby", 1, 1), head: 3, retryAfterMs: 1_500 }), 2);
    const page = client.room().history().next();
    await world.pass(2_900);
    expect(await outcomeOf(page)).toBe("nothing yet");
    await world.pass(300);
    expect(seqsOf(await outcomeOf(page))).toEqual([1, 2, 3]);
  });

  test("joins the room if needed", async () => {
    world.server.write("den", "hi");
    expect(seqsOf(await soon(client.room("den").history().next()))).toEqual([1]);
    expect(world.server.asked("joinRoom", "getHistory").map(({ action }) => action)).toEqual([
      "getHistory",
      "joinRoom",
      "getHistory",
    ]);
  });

  test("waits for the connection", async () => {
    write("lobby", 3);
    world.server.latest.end();
    const page = client.room().history().next();
    expect(await outcomeOf(page)).toBe("nothing yet");
    await world.pass(1_000);
    expect(seqsOf(await outcomeOf(page))).toEqual([1, 2, 3]);
  });
});

describe("a page that can't be loaded", () => {
  test("yields an error with all the server's details, and next() requests the same page again", async () => {
    write("lobby", 150);
    const history = client.room().history();
    await soon(history.next());
    world.server.on("getHistory", () => refusal("RATE_LIMITED", { retryable: true, retryAfterMs: 4_000 }), 1);
    const error = await soon(history.next().catch((error: ChatError) => error));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "ChatError",
      code: "RATE_LIMITED",
      message: "the server says RATE_LIMITED",
      retryable: true,
      retryAfterMs: 4_000,
    });
    expect(seqsOf(await soon(history.next()))).toEqual(range(1, 50));
  });

  test.each([
    ["is lost with the connection", 1_000, "CONNECTION_LOST"],
    ["does not come within 30 s", 31_000, "TIMEOUT"],
  ])("because it %s yields a retryable error", async (_, ms, code) => {
    write("lobby", 3);
    world.server.on(
      "getHistory",
      (_, socket) => {
        if (code === "CONNECTION_LOST") socket.end();
        return undefined;
      },
      1,
    );
    const history = client.room().history();
    const failed = history.next().catch((error: ChatError) => error);
    await world.pass(ms);
    expect(await outcomeOf(failed)).toMatchObject({ code, retryable: true });
    expect(seqsOf(await soon(history.next()))).toEqual([1, 2, 3]);
  });

  test.each([
    ["Too Many Requests", "THROTTLED"],
    ["Internal server error", "INTERNAL"],
  ])("because API Gateway itself answers %s yields a retryable error", async (message, code) => {
    world.server.on(
      "getHistory",
      (_, socket) => void socket.say({ message, connectionId: "abc=", requestId: "xyz=" }),
      1,
    );
    const error = await soon(
      client
        .room()
        .history()
        .next()
        .catch((error: ChatError) => error),
    );
    expect(error).toMatchObject({ code, retryable: true, message: `API Gateway answered: ${message}` });
  });

  test("because joining the room is refused yields that refusal", async () => {
    world.server.on("joinRoom", () => refusal("FORBIDDEN"));
    const error = await soon(
      client
        .room("den")
        .history()
        .next()
        .catch((error: ChatError) => error),
    );
    expect(error).toMatchObject({ code: "FORBIDDEN", retryable: false });
  });
});
