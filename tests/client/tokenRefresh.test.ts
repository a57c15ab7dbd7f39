/** The client sends a newer token before the current one expires, or at once if it has already expired. */
import { beforeEach, describe, expect, test } from "vitest";
import type { ChatError, Client, ClientOptions } from "../../client/index.ts";
import type { Frame } from "../webSocketClient.ts";
import { Reader } from "./reader.ts";
import { refusal } from "./virtual/server.ts";
import { outcomeOf, World } from "./virtual/world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let world: World;
let issued: number;
beforeEach(() => {
  world = new World();
  issued = 0;
});

/** A client whose tokens are distinguishable. */
function open(lifeMs: number, options: Partial<ClientOptions> = {}): Promise<Client> {
  world.server.tokenLifeMs = lifeMs;
  return world.openClient("ana", { token: async () => `ana@${++issued}`, ...options });
}

const refreshed = () => world.server.asked("refreshToken").map(({ token }) => token);

describe("a token", () => {
  test("that is valid for an hour is refreshed a minute before its expiry", async () => {
    await open(HOUR_MS);
    await world.pass(58 * MINUTE_MS);
    expect(refreshed()).toEqual([]);
    await world.pass(MINUTE_MS);
    expect(refreshed()).toEqual(["ana@2"]);
  });

  test("that is short-lived is refreshed when half of its life is over", async () => {
    await open(20_000);
    await world.pass(9_800);
    expect(refreshed()).toEqual([]);
    await world.pass(200);
    expect(refreshed()).toEqual(["ana@2"]);
  });

  test.each([
    ["is valid for no time", 0],
    ["has already expired", -HOUR_MS],
  ])("that %s is refreshed every 5 s, not in a tight loop", async (_, lifeMs) => {
    await open(lifeMs);
    await world.pass(MINUTE_MS);
    expect(issued).toBeGreaterThan(5);
    expect(issued).toBeLessThanOrEqual(14);
  });

  test("whose refresh is never answered is refreshed again after 12 s and a pause, before it expires", async () => {
    await open(60_000);
    world.server.on("refreshToken", () => undefined, 1);
    await world.pass(30_000);
    expect(refreshed()).toEqual(["ana@2"]);
    await world.pass(22_500);
    expect(refreshed()).toEqual(["ana@2", "ana@3"]);
  });

  test("is refreshed any number of times, each time before it expires", async () => {
    await open(10 * MINUTE_MS);
    let endsAt = world.clock.now() + 10 * MINUTE_MS;
    world.server.on("refreshToken", (_, __, usual) => {
      expect(world.clock.now()).toBeLessThan(endsAt);
      endsAt = world.clock.now() + 10 * MINUTE_MS;
      return usual();
    });
    await world.pass(95 * MINUTE_MS);
    expect(refreshed()).toHaveLength(10);
  });

  test("that is valid for months isn't refreshed all the time, although no timer can wait that long", async () => {
    await open(90 * 24 * HOUR_MS);
    await world.pass(HOUR_MS);
    expect(refreshed()).toEqual([]);
  });

  test("of a new connection replaces the old connection's token, whose expiry changes nothing", async () => {
    await open(HOUR_MS);
    await world.pass(50 * MINUTE_MS);
    world.server.latest.end();
    await world.pass(58 * MINUTE_MS);
    expect(refreshed()).toEqual([]);
    await world.pass(2 * MINUTE_MS);
    expect(refreshed()).toEqual(["ana@3"]);
  });
});

describe("a refresh that fails", () => {
  test.each([
    ["because the server refuses it", () => world.server.on("refreshToken", () => refusal("UNAUTHORIZED"), 3)],
    [
      "because the server fails",
      () => world.server.on("refreshToken", () => refusal("INTERNAL", { retryable: true }), 3),
    ],
  ])("%s is retried every 10 s", async (_, fail) => {
    await open(10 * MINUTE_MS);
    fail();
    await world.pass(9 * MINUTE_MS);
    expect(refreshed()).toHaveLength(1);
    await world.pass(9_800);
    expect(refreshed()).toHaveLength(1);
    await world.pass(25_000);
    expect(refreshed()).toEqual(["ana@2", "ana@3", "ana@4", "ana@5"]);
    await world.pass(5 * MINUTE_MS);
    expect(refreshed()).toHaveLength(4);
  });

  test("because the token function fails is retried every 10 s, and the connection stays", async () => {
    let failures = 0;
    const client = await open(10 * MINUTE_MS, {
      token: async () => {
        if (world.server.sockets.length > 0 && failures++ < 3) throw new Error("the issuer is down");
        return "ana";
      },
    });
    await world.pass(10 * MINUTE_MS);
    expect(failures).toBe(4);
    expect(refreshed()).toHaveLength(1);
    expect(client.state.name).toBe("open");
    expect(world.server.sockets).toHaveLength(1);
  });

  test("because the connection was lost is replaced by the next connection's own token", async () => {
    const client = await open(10 * MINUTE_MS);
    world.server.on("refreshToken", (_, socket) => void socket.end(), 1);
    await world.pass(9 * MINUTE_MS + 1_000);
    expect(client.state.name).toBe("open");
    expect(world.server.latest.token).toBe("ana@3");
    await world.pass(8 * MINUTE_MS);
    expect(refreshed().length).toBeLessThanOrEqual(2);
  });
});

describe("after a token was refreshed", () => {
  test("entries that the server held back are fetched at once", async () => {
    const client = await open(HOUR_MS);
    const reader = new Reader(client.room());
    await world.pass();
    world.server.write("lobby", "held back");
    world.server.latest.say({ ...refusal("TOKEN_EXPIRED"), action: "setTyping" });
    await world.pass(1_000);
    expect(reader.texts).toEqual(["held back"]);
  });
});

describe("a frame that is refused because the token has expired", () => {
  test("makes the client refresh the token, even if the frame's action has no answer", async () => {
    const client = await open(HOUR_MS);
    world.server.on("setTyping", () => ({ ...refusal("TOKEN_EXPIRED"), action: "setTyping" }));
    client.room().typing(true);
    await world.pass();
    expect(refreshed()).toEqual(["ana@2"]);
  });

  test("is resent once with a newer token, and the second answer counts", async () => {
    const client = await open(HOUR_MS);
    world.server.on("listRooms", () => refusal("TOKEN_EXPIRED"), 1);
    const rooms = client.rooms();
    await world.pass();
    expect(await outcomeOf(rooms)).toEqual([]);
    expect(world.server.asked("listRooms", "refreshToken").map(({ action }) => action)).toEqual([
      "listRooms",
      "refreshToken",
      "listRooms",
    ]);
  });

  test("shares the refresh with others that were refused at the same time", async () => {
    const client = await open(HOUR_MS);
    world.server.on("listRooms", () => refusal("TOKEN_EXPIRED"), 5);
    const rooms = Array.from({ length: 5 }, () => client.rooms());
    await world.pass();
    expect(await outcomeOf(Promise.all(rooms))).toEqual(Array(5).fill([]));
    expect(refreshed()).toEqual(["ana@2"]);
  });

  test("fails if it is refused again", async () => {
    const client = await open(HOUR_MS);
    world.server.on("listRooms", () => refusal("TOKEN_EXPIRED"));
    const rooms = client.rooms().catch((error: ChatError) => error.code);
    await world.pass();
    expect(await outcomeOf(rooms)).toBe("TOKEN_EXPIRED");
    expect(world.server.asked("listRooms")).toHaveLength(2);
  });

  test("fails, with the reason, if no newer token is available", async () => {
    let works = true;
    const client = await open(HOUR_MS, {
      token: async () => {
        if (!works) throw new Error("signed out");
        return "ana";
      },
    });
    works = false;
    world.server.on("listRooms", () => refusal("TOKEN_EXPIRED"));
    const rooms = client.rooms().catch((error: ChatError) => error);
    await world.pass();
    expect(await outcomeOf(rooms)).toMatchObject({ code: "NO_TOKEN", message: "signed out" });
  });
});

describe("a token that was fetched before a long loss of connection", () => {
  test("doesn't stop a waiting message: the next connection has a newer token", async () => {
    const endsAt = new Map<string, number>();
    const client = await open(HOUR_MS, {
      token: async () => {
        const token = `ana@${++issued}`;
        endsAt.set(token, world.clock.now() + 10 * MINUTE_MS);
        return token;
      },
    });
    world.server.on("refreshToken", ({ token }, _, usual) =>
      (endsAt.get(token) as number) > world.clock.now() ? usual() : refusal("UNAUTHORIZED"),
    );
    world.server.on("sendMessage", () => refusal("TOKEN_EXPIRED"), 1);
    const sent = client.room().send("hi");
    // The server is lost after the refusal; the issuer, which is another server, returns a token for the refresh.
    await world.pass(50);
    world.server.handshake = () => "refuse";
    world.server.latest.end();
    await world.pass(2 * HOUR_MS);
    world.server.handshake = () => "open";
    await world.pass(MINUTE_MS);
    expect(sent).toMatchObject({ status: "waiting" });
    expect(world.server.texts("lobby")).toEqual(["hi"]);
  });
});

describe("a client whose clock is wrong", () => {
  test.each([
    ["ten minutes behind", -10 * MINUTE_MS],
    ["ten minutes ahead", 10 * MINUTE_MS],
    ["a year ahead", 365 * 24 * HOUR_MS],
  ])("(%s) refreshes its token in time, and no more often than one with a correct clock", async (_, wrongByMs) => {
    world.clock.setWallClock(wrongByMs);
    await open(5 * MINUTE_MS);
    await world.pass(20 * MINUTE_MS);
    expect(refreshed().length).toBeGreaterThanOrEqual(4);
    expect(issued).toBeLessThanOrEqual(7);
  });

  test("uses the expiry time if the server states no duration", async () => {
    const withoutDuration = (frame: Frame = {}) => {
      const { expiresInMs: _, ...others } = frame;
      return others;
    };
    world.server.on("hello", (_, __, usual) => withoutDuration(usual()));
    await open(HOUR_MS);
    await world.pass(58 * MINUTE_MS);
    expect(refreshed()).toEqual([]);
    await world.pass(MINUTE_MS + 1_000);
    expect(refreshed()).toEqual(["ana@2"]);
  });
});

describe("a token that has expired unnoticed", () => {
  test("is refreshed as soon as a ping is refused for it, and missed entries are fetched", async () => {
    const client = await open(HOUR_MS);
    const reader = new Reader(client.room());
    await world.pass();
    world.server.write("lobby", "held back");
    world.server.on("ping", () => refusal("TOKEN_EXPIRED"), 1);
    void client.check();
    await world.pass(1_000);
    expect(refreshed()).toEqual(["ana@2"]);
    expect(reader.texts).toEqual(["held back"]);
  });

  test("has its connection replaced if there is no newer token: a client that gets no events isn't open", async () => {
    let works = true;
    const client = await open(10 * MINUTE_MS, {
      token: async () => {
        if (works) return `ana@${++issued}`;
        throw new Error("the issuer is down");
      },
    });
    works = false;
    await world.pass(10 * MINUTE_MS - 1_000);
    expect(client.state.name).toBe("open");
    await world.pass(2_000);
    expect(client.state).toMatchObject({ name: "waiting", cause: { code: "NO_TOKEN", retryable: true } });
    works = true;
    await world.pass(MINUTE_MS);
    expect(client.state.name).toBe("open");
  });

  test("has its connection replaced if the machine slept past the expiry and the refresh fails", async () => {
    const client = await open(HOUR_MS);
    world.server.on("refreshToken", () => refusal("UNAUTHORIZED"));
    world.server.on("ping", () => refusal("TOKEN_EXPIRED"));
    await world.clock.sleep(2 * HOUR_MS);
    world.server.obey();
    await world.pass(MINUTE_MS);
    expect(client.state.name).toBe("open");
    expect(world.server.sockets.length).toBe(2);
  });

  test("stops the client if the token function keeps returning it", async () => {
    const client = await open(10 * MINUTE_MS, { token: async () => "ana@old" });
    world.server.on("refreshToken", () => refusal("UNAUTHORIZED"));
    await world.pass(11 * MINUTE_MS);
    expect(client.state).toMatchObject({ name: "stopped", cause: { code: "UNAUTHORIZED", retryable: false } });
    expect(refreshed()).toEqual(["ana@old"]);
    expect(world.server.sockets).toHaveLength(1);
  });
});

describe("a refresh that succeeded", () => {
  test("isn't repeated at once, though the server keeps refusing frames because of the token", async () => {
    const client = await open(HOUR_MS);
    world.server.on("ping", () => refusal("TOKEN_EXPIRED"));
    for (let i = 0; i < 20; i++) {
      void client.check();
      await world.pass();
    }
    expect(refreshed()).toHaveLength(1);
    expect(client.state.name).toBe("open");
  });
});
