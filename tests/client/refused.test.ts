/** Permanent refusals by the server or by the application's token function: the client reports them and stops. */
import { beforeEach, describe, expect, test } from "vitest";
import { ChatError, type Client } from "../../client/index.ts";
import { Reader } from "./reader.ts";
import { refusal } from "./virtual/server.ts";
import { namesOf, outcomeOf, statesOf, World } from "./virtual/world.ts";

const MINUTE_MS = 60_000;

let world: World;
beforeEach(() => {
  world = new World();
});

describe("a handshake that is refused", () => {
  test("with 403 stops the client at once", async () => {
    world.server.handshake = () => ({ status: 403 });
    const client = world.client();
    const states = statesOf(client);
    await world.pass(60 * MINUTE_MS);
    expect(states).toMatchObject([{ name: "stopped", cause: { code: "FORBIDDEN", retryable: false } }]);
    expect(world.server.sockets).toHaveLength(1);
  });

  test("with 401 is retried once, with another token", async () => {
    world.server.handshake = ({ token }) => (token === "ana" ? { status: 401 } : "open");
    const client = world.client();
    const states = statesOf(client);
    await world.pass(MINUTE_MS);
    expect(states).toMatchObject([
      { name: "waiting", cause: { code: "UNAUTHORIZED", retryable: true } },
      { name: "connecting" },
      { name: "open" },
    ]);
  });

  test.each([
    ["the same token", () => "ana", 1],
    ["a new token each time", undefined, 2],
  ])("with 401 stops the client when the token function returns %s", async (_, token, attempts) => {
    world.server.handshake = () => ({ status: 401 });
    const client = world.client("ana", token === undefined ? {} : { token });
    await world.pass(60 * MINUTE_MS);
    expect(client.state).toMatchObject({ name: "stopped", cause: { code: "UNAUTHORIZED" } });
    expect(world.server.sockets).toHaveLength(attempts);
  });

  test.each([429, 503])("with %d is retried indefinitely", async (status) => {
    world.server.handshake = () => ({ status });
    const client = world.client();
    await world.pass(10 * MINUTE_MS);
    expect(world.server.sockets.length).toBeGreaterThan(20);
    world.server.obey();
    await world.pass(MINUTE_MS);
    expect(client.state.name).toBe("open");
  });

  test("is retried indefinitely in browsers, which don't give the reason, and is distinguished from a lost connection", async () => {
    world.server.hidesStatus = true;
    world.server.handshake = () => ({ status: 401 });
    const client = world.client();
    await world.pass(200);
    expect(client.state).toMatchObject({ name: "waiting", cause: { code: "NOT_CONNECTED", retryable: true } });
    world.server.obey();
    await world.pass(MINUTE_MS);
    expect(client.state.name).toBe("open");
  });

  test("during the handover doesn't end the current connection", async () => {
    const client = await world.openClient();
    world.server.handshake = () => ({ status: 403 });
    await world.pass(106 * MINUTE_MS);
    expect(client.state.name).toBe("open");
    world.server.latest.end();
    world.server.sockets[0]?.end();
    await world.pass(MINUTE_MS);
    expect(client.state).toMatchObject({ name: "stopped", cause: { code: "FORBIDDEN" } });
  });
});

test.each([
  "",
  "chat",
  "https://chat.example/dev",
  "wss://",
  "wss://abc.execute-api.eu-central-1.amazonaws.com",
  "ws://127.0.0.1:4510/",
  "wss://a/dev#b",
])("the URL %j stops the client, whose error states what is expected", async (url) => {
  const client = world.client("ana", { url });
  const states = statesOf(client);
  await world.pass(MINUTE_MS);
  expect(states).toMatchObject([{ name: "stopped", cause: { code: "BAD_URL", retryable: false } }]);
  expect(states[0]).toMatchObject({ cause: { message: expect.stringContaining("wss://host/stage") } });
  expect(world.server.sockets).toEqual([]);
});

test("a URL without a stage is accepted, because the URL of a custom domain has none", async () => {
  const client = world.client("ana", { url: "wss://chat.example" });
  await world.pass(MINUTE_MS);
  expect(client.state.name).toBe("open");
});

describe("a token function", () => {
  test("that can't sign the user in stops the client with an error that isn't retryable", async () => {
    const client = world.client("ana", {
      token: () => {
        throw new ChatError("UNAUTHORIZED", "sign in again", { retryable: false });
      },
    });
    const states = statesOf(client);
    await world.pass(MINUTE_MS);
    expect(states).toMatchObject([{ name: "stopped", cause: { code: "UNAUTHORIZED", message: "sign in again" } }]);
  });

  test.each(["", undefined])("that returns %j causes the error NO_TOKEN, and no socket is opened", async (token) => {
    const client = await world.openClient("ana", { token: () => token as string });
    expect(client.state).toMatchObject({ name: "waiting", cause: { code: "NO_TOKEN" } });
    expect(world.server.sockets).toEqual([]);
  });
});

describe("a client that has stopped", () => {
  let client: Client;
  let reader: Reader;
  beforeEach(async () => {
    client = await world.openClient();
    reader = new Reader(client.room("den"));
    await world.pass();
    world.server.handshake = () => ({ status: 403 });
    world.server.latest.end();
    await world.pass(1_000);
    expect(client.state.name).toBe("stopped");
  });

  test("rejects requests with the reason", async () => {
    for (const asked of [client.rooms(), client.room().members(), client.room().history().next()]) {
      await expect(asked).rejects.toMatchObject({ code: "FORBIDDEN", retryable: false });
    }
    await expect(client.room("den").leave()).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  test("keeps the messages it is given, and its followed rooms, until connect() succeeds", async () => {
    const sent = client.room("den").send("kept");
    await world.pass(10 * MINUTE_MS);
    expect(sent.status).toBe("waiting");
    world.server.obey();
    client.connect();
    await world.pass(1_000);
    expect(client.state.name).toBe("open");
    expect(reader.texts).toEqual(["kept"]);
    expect(reader.heard.error).toEqual([]);
  });

  test("fetches after connect() the page that was due when it stopped", async () => {
    world.server.obey();
    client.connect();
    await world.pass(1_000);
    world.server.on("getHistory", (_, socket) => void socket.end(), 1);
    world.server.handshake = () => ({ status: 403 });
    world.server.write("den", "missing");
    world.server.push("den", world.server.write("den", "seen"));
    await world.pass(10_000);
    expect(client.state.name).toBe("stopped");
    world.server.obey();
    client.connect();
    await world.pass(30_000);
    expect(reader.texts).toEqual(["missing", "seen"]);
    expect(reader.heard.error).toEqual([]);
  });

  test("stops again if the connection after connect() is refused too", async () => {
    const states = statesOf(client);
    client.connect();
    await world.pass(MINUTE_MS);
    expect(namesOf(states)).toEqual(["connecting", "stopped"]);
  });

  test("stays stopped when the network goes and comes back", async () => {
    world.server.obey();
    world.goOffline();
    world.goOnline();
    await world.pass(MINUTE_MS);
    expect(client.state.name).toBe("stopped");
  });
});

describe("a request that is waiting when the client stops", () => {
  test("rejects with the reason", async () => {
    world.server.handshake = () => ({ status: 403 });
    const client = world.client();
    const rooms = client.rooms().catch((error: ChatError) => error.code);
    await world.pass();
    expect(await outcomeOf(rooms)).toBe("FORBIDDEN");
  });
});

describe("connect()", () => {
  test("ends the pause before the next attempt", async () => {
    const client = await world.openClient();
    world.clock.chance = () => 0.99;
    world.server.latest.end();
    client.connect();
    await world.pass(50);
    expect(client.state.name).toBe("open");
    expect(world.server.openSockets).toHaveLength(1);
  });

  test("changes nothing for a client that is open, connecting or closed", async () => {
    const client = world.client();
    client.connect();
    await world.pass();
    client.connect();
    await world.pass();
    expect(world.server.sockets).toHaveLength(1);
    client.close();
    client.connect();
    await world.pass();
    expect(client.state.name).toBe("closed");
    expect(world.server.sockets).toHaveLength(1);
  });
});

describe("a server that says bye", () => {
  const displace = { type: "bye", reason: "too many connections", retryAfterMs: 0 };

  test("because the user has opened too many connections isn't contacted again until connect()", async () => {
    const client = await world.openClient();
    const states = statesOf(client);
    world.server.latest.say(displace);
    expect(states).toMatchObject([{ name: "stopped", cause: { code: "DISPLACED", retryable: false } }]);
    await world.pass(60 * MINUTE_MS);
    expect(world.server.sockets).toHaveLength(1);
    expect(world.server.openSockets).toEqual([]);
    client.connect();
    await world.pass();
    expect(client.state.name).toBe("open");
  });

  test("and replaces the client while a message is in flight doesn't make the message fail", async () => {
    const client = await world.openClient();
    world.server.on("sendMessage", () => undefined, 1);
    const sent = client.room().send("hi");
    await world.pass();
    world.server.latest.say(displace);
    await world.pass(MINUTE_MS);
    expect(sent.status).toBe("waiting");
    client.connect();
    await world.pass(1_000);
    await expect(sent.acknowledged).resolves.toMatchObject({ seq: 1 });
  });

  test("because the client opened its own next connection doesn't stop the client", async () => {
    const client = await world.openClient();
    world.server.travelMs = 1_000;
    await world.pass(105 * MINUTE_MS + 500);
    expect(world.server.sockets).toHaveLength(2);
    world.server.sockets[0]?.say(displace);
    await world.pass(30_000);
    expect(client.state.name).toBe("open");
    expect(world.server.openSockets).toEqual([world.server.sockets[1]]);
  });

  test("during the handover is contacted again no sooner than it asks", async () => {
    const client = await world.openClient();
    world.server.travelMs = 1_000;
    await world.pass(105 * MINUTE_MS + 500);
    world.server.sockets[0]?.say({ type: "bye", reason: "flood", retryAfterMs: 60_000 });
    await world.pass(59_000);
    expect(world.server.openSockets).toEqual([]);
    expect(client.state.name).toBe("waiting");
    await world.pass(10_000);
    expect(client.state.name).toBe("open");
  });
});

describe("a hello that is refused for good", () => {
  test("stops the client with the server's reason", async () => {
    world.server.on("hello", () => refusal("FORBIDDEN"));
    const client = await world.openClient();
    expect(client.state).toMatchObject({ name: "stopped", cause: { code: "FORBIDDEN" } });
    expect(world.server.openSockets).toEqual([]);
  });
});
