/** Tests a connection's states, its loss and its recovery. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { ChatError, Client } from "../../client/index.ts";
import { namesOf, statesOf, World } from "./virtual/world.ts";

const MINUTE_MS = 60_000;

let world: World;
beforeEach(() => {
  world = new World();
});

/** The pause that a client has just started. */
function pauseOf({ state }: Client): number {
  expect(state.name).toBe("waiting");
  return state.name === "waiting" ? state.retryInMs : Number.NaN;
}

function causeOf({ state }: Client): ChatError | undefined {
  return state.name === "waiting" ? state.cause : undefined;
}

describe("a client", () => {
  test("connects at once, offers both subprotocols, and is open when the server is ready", async () => {
    const client = world.client();
    expect(client.state).toEqual({ name: "connecting" });
    expect(client.user).toBeUndefined();
    const states = statesOf(client);
    await world.pass();
    expect(world.server.latest).toMatchObject({
      url: "wss://chat.example/dev",
      protocols: ["chat.v1", "bearer.ana"],
    });
    expect(states).toEqual([{ name: "open", user: { id: "ana", name: "ANA" } }]);
    expect(client.user).toEqual({ id: "ana", name: "ANA" });
  });

  test("is not open before the answer to hello", async () => {
    world.server.on("hello", () => undefined);
    const client = await world.openClient();
    expect(world.server.latest.isOpen).toBe(true);
    expect(client.state.name).toBe("connecting");
  });

  test("waits when its connection is lost, and opens another one by itself", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    world.server.latest.end(1006);
    expect(states).toMatchObject([
      { name: "waiting", retryInMs: 250, cause: { code: "CONNECTION_LOST", retryable: true } },
    ]);
    await world.pass(249);
    expect(world.server.sockets).toHaveLength(1);
    await world.pass(1_000);
    expect(namesOf(states)).toEqual(["waiting", "connecting", "open"]);
    expect(world.server.openSockets).toHaveLength(1);
  });

  test("notifies each listener of its state until the listener is removed", async () => {
    const client = world.client();
    const heard: string[] = [];
    const remove = client.onState(({ name }) => void heard.push(`first ${name}`));
    client.onState(({ name }) => void heard.push(`second ${name}`));
    await world.pass();
    remove();
    world.server.latest.end();
    expect(heard).toEqual(["first open", "second open", "second waiting"]);
  });

  test("reports a state when it changes, and not again", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    await world.pass(106 * MINUTE_MS);
    world.goOffline();
    world.goOnline();
    await world.pass();
    expect(world.server.sockets).toHaveLength(3);
    expect(namesOf(states)).toEqual(["offline", "connecting", "open"]);
  });

  test.each([
    ["is refused", "refuse" as const, 200, "NOT_CONNECTED", "the connection didn't open: connect ECONNREFUSED"],
    ["does not open within 20 s", "silence" as const, 20_001, "TIMEOUT", "the connection didn't open within 20000 ms"],
  ])("retries when the connection %s", async (_, handshake, ms, code, message) => {
    world.server.handshake = () => handshake;
    const client = world.client();
    await world.pass(ms);
    expect(causeOf(client)).toMatchObject({ code, message, retryable: true });
    expect(world.server.latest.readyState).toBeGreaterThan(1);
    world.server.obey();
    await world.pass(1_000);
    expect(client.state.name).toBe("open");
  });

  test("gives up on a socket that opens too late", async () => {
    world.server.handshake = () => "silence";
    const client = world.client();
    await world.pass(20_001);
    const late = world.server.latest;
    world.server.obey();
    await world.pass(1_000);
    expect(client.state.name).toBe("open");
    late.open();
    await world.pass();
    expect(late.sent).toEqual([]);
    expect(world.server.openSockets).toHaveLength(1);
  });

  test("retries if hello isn't answered within 20 s, and closes the connection it opened", async () => {
    world.server.on("hello", () => undefined, 1);
    const client = await world.openClient();
    await world.pass(20_000);
    expect(causeOf(client)).toMatchObject({ code: "TIMEOUT" });
    expect(world.server.sockets[0]?.closedWith).toBe(1000);
    await world.pass(1_000);
    expect(client.state.name).toBe("open");
  });

  test("waits as long as a refused hello asks for", async () => {
    const refused = { type: "error", code: "RATE_LIMITED", message: "later", retryable: true, retryAfterMs: 9_000 };
    world.server.on("hello", () => refused, 1);
    const client = await world.openClient();
    expect(pauseOf(client)).toBe(9_250);
    expect(causeOf(client)).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 9_000 });
  });

  test("continues if creating a WebSocket throws, as with a token that isn't a valid subprotocol", async () => {
    let made = 0;
    const usual = world.server.WebSocket;
    class Strict extends usual {
      constructor(url: string, protocols: string[]) {
        if (made++ === 0) throw new SyntaxError("bearer.a b isn't a subprotocol");
        super(url, protocols);
      }
    }
    const client = world.client("ana", { WebSocket: Strict });
    await world.pass(0);
    expect(causeOf(client)).toMatchObject({
      code: "UNAUTHORIZED",
      message: "the token can't be sent: bearer.a b isn't a subprotocol",
    });
    await world.pass(1_000);
    expect(client.state.name).toBe("open");
  });
});

describe("pauses between attempts", () => {
  /** Fails connection attempts and returns the pause after each. */
  async function pausesAfter(failures: number): Promise<number[]> {
    const client = await world.openClient();
    world.server.handshake = () => "refuse";
    world.server.latest.end();
    const pauses = [pauseOf(client)];
    while (pauses.length < failures) {
      await world.pass((pauses.at(-1) as number) + 50);
      pauses.push(pauseOf(client));
    }
    return pauses;
  }

  test("grow from half a second to at most 20 s", async () => {
    world.clock.chance = () => 1 - Number.EPSILON;
    expect(await pausesAfter(9)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000]);
  });

  test("are random below that limit, so that clients that lost the same server don't all reconnect at once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0.01, max: 0.999, noNaN: true }), { minLength: 8, maxLength: 8 }),
        async (chances) => {
          world = new World();
          world.clock.chance = () => 0.5;
          const client = await world.openClient();
          world.server.handshake = () => "refuse";
          for (const [i, chance] of chances.entries()) {
            world.clock.chance = () => chance;
            if (i === 0) world.server.latest.end();
            const most = Math.min(20_000, 500 * 2 ** i);
            expect(Math.abs(pauseOf(client) - chance * most)).toBeLessThanOrEqual(0.5);
            world.clock.chance = () => chances[i + 1] ?? 0.5;
            // Advances until the next attempt is refused.
            await world.pass(pauseOf(client) + world.server.travelMs);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test.each([
    ["keep growing after a connection that was open for less than 5 s", 4_900, 2_000],
    ["are short again after a connection that was open for 5 s", 5_100, 500],
  ])("%s", async (_, heldMs, pauseMs) => {
    world.clock.chance = () => 1 - Number.EPSILON;
    const client = await world.openClient();
    world.server.handshake = () => "refuse";
    world.server.latest.end();
    await world.pass(600);
    world.server.handshake = () => "open";
    await world.pass(1_050);
    expect(client.state.name).toBe("open");
    await world.pass(world.server.latest.openedAt + heldMs + 20 - world.clock.now());
    world.server.latest.end();
    expect(pauseOf(client)).toBe(pauseMs);
  });

  test("don't become short after a connection that lasted less than 5 s", async () => {
    world.clock.chance = () => 1 - Number.EPSILON;
    const client = await world.openClient();
    await world.pass(3_000);
    world.server.latest.end();
    expect(pauseOf(client)).toBe(500);
    await world.pass(4_000);
    expect(client.state.name).toBe("open");
    world.server.latest.end();
    expect(pauseOf(client)).toBe(1_000);
  });
});

describe("the token function", () => {
  test.each([
    [
      "throws",
      () => {
        throw new TypeError("no session");
      },
    ],
    [
      "rejects",
      async () => {
        throw new TypeError("no session");
      },
    ],
  ])("that %s is called again after a pause, and its error is the cause", async (_, failing) => {
    let works = false;
    const client = await world.openClient("ana", { token: () => (works ? "ana" : failing()) });
    expect(causeOf(client)).toMatchObject({ code: "NO_TOKEN", retryable: true, message: "no session" });
    expect(causeOf(client)?.cause).toBeInstanceOf(TypeError);
    works = true;
    await world.pass(1_000);
    expect(client.state.name).toBe("open");
  });

  test("may return a token without a promise", async () => {
    const client = await world.openClient("ana", { token: () => "ana" });
    expect(client.state.name).toBe("open");
  });

  test("that never answers is abandoned after 10 s and called again", async () => {
    let asked = 0;
    const client = await world.openClient("ana", {
      token: () => (++asked === 1 ? new Promise<string>(() => {}) : "ana"),
    });
    await world.pass(9_000);
    expect(client.state.name).toBe("connecting");
    await world.pass(1_000);
    expect(causeOf(client)).toMatchObject({ code: "NO_TOKEN" });
    await world.pass(1_000);
    expect(client.state.name).toBe("open");
  });

  test("that is slow is waited for and called once", async () => {
    let asked = 0;
    const client = await world.openClient("ana", {
      token: () => {
        asked += 1;
        return new Promise<string>((resolve) => void world.clock.after(9_000, () => resolve("ana")));
      },
    });
    await world.pass(9_100);
    expect(client.state.name).toBe("open");
    expect(asked).toBe(1);
  });

  test("that answers after it was abandoned opens no connection", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    let asked = 0;
    await world.openClient("ana", { token: () => (++asked === 1 ? promise : "ana") });
    await world.pass(32_000);
    resolve("ana");
    await world.pass(MINUTE_MS);
    expect(world.server.sockets).toHaveLength(1);
  });
});

describe("a server that says bye", () => {
  test("makes the client disconnect, and reconnect after the given time", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    world.server.latest.say({ type: "bye", reason: "a deployment", retryAfterMs: 8_000 });
    expect(states).toMatchObject([{ name: "waiting", retryInMs: 8_250, cause: { code: "CONNECTION_LOST" } }]);
    await world.pass(8_249);
    expect(world.server.openSockets).toEqual([]);
    await world.pass(1_000);
    expect(namesOf(states)).toEqual(["waiting", "connecting", "open"]);
    expect(world.server.sockets).toHaveLength(2);
  });

  test("doesn't affect a client that has closed", async () => {
    const client = await world.openClient();
    client.close();
    world.server.latest.say({ type: "bye", reason: "a deployment", retryAfterMs: 0 });
    await world.pass(MINUTE_MS);
    expect(client.state).toEqual({ name: "closed" });
    expect(world.server.sockets).toHaveLength(1);
  });
});
