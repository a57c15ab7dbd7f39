/** Tests API Gateway's handling of a client's messages: route selection, answers and limits. */
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { HandshakeRefused, TestClient } from "../webSocketClient.ts";

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await startLocalCloud(["--program", "tests/programs/routes"]);
});
afterAll(() => cloud.stop());

const open = (output = "url", options: ClientOptions = {}) =>
  TestClient.open(cloud.outputs[output] as string, [], options);

/** The route that a frame selects; every echoing route of these APIs answers with its key. */
async function routeOf(frame: unknown, output = "url"): Promise<string> {
  const client = await open(output);
  client.send(frame);
  const { requestContext } = await client.next();
  client.socket.close();
  return requestContext.routeKey;
}

const KB = 1024;
const anId = expect.stringMatching(/^[A-Za-z0-9_-]{15}=$/);

/** API Gateway's own message to a client. */
const gatewaySays = (message: string) => ({ message, connectionId: anId, requestId: anId });

/** Checks that the socket still serves messages. */
async function expectOpen(client: TestClient): Promise<void> {
  client.send({ action: "echo" });
  expect((await client.next()).requestContext.routeKey).toBe("echo");
}

describe("a message goes to", () => {
  it.each([
    { frame: { action: "echo" }, route: "echo" },
    { frame: { action: "echo", and: "more" }, route: "echo" },
    { frame: { action: 7 }, route: "7" },
    { frame: { action: "7" }, route: "7" },
  ])("the route whose key equals its action: $frame → $route", async ({ frame, route }) => {
    expect(await routeOf(frame)).toBe(route);
  });

  it.each<Record<string, unknown>>([
    { action: "Echo" },
    { action: " echo" },
    { action: "echo/" },
    { action: "" },
    { action: null },
    { action: {} },
    { action: { toString: "echo" } },
    { action: ["echo"] },
    { action: "__proto__" },
    { action: "constructor" },
    { action: "toString" },
    { Action: "echo" },
    { message: { action: "echo" } },
    {},
  ])("$default if its action isn't a route key: %j", async (frame) => {
    expect(await routeOf(frame)).toBe("$default");
  });

  it.each(["$connect", "$disconnect", "$default"])("$default when its action is %s", async (action) => {
    expect(await routeOf({ action })).toBe("$default");
  });

  it.each(["null", "[]", "7", "true", '"echo"', '[{"action":"echo"}]', '{"__proto__":{"action":"echo"}}'])(
    "$default if it is JSON without an action: %s",
    async (frame) => {
      expect(await routeOf(frame)).toBe("$default");
    },
  );

  it.each(["echo", "", "{", '{"action":"echo"', "{'action':'echo'}", '{"action":"echo"} and more'])(
    "$default if it isn't JSON: %j",
    async (frame) => {
      expect(await routeOf(frame)).toBe("$default");
    },
  );

  it("no route without a $default route: the client gets Forbidden and stays connected", async () => {
    const client = await open("strictUrl");
    for (const frame of [{ action: "goodbye" }, "not JSON", "null"]) {
      client.send(frame);
      expect(await client.next()).toEqual(gatewaySays("Forbidden"));
    }
    client.send({ action: "hello" });
    expect((await client.next()).requestContext.routeKey).toBe("hello");
  });

  it("$default if its route was created after the stage's deployment", async () => {
    expect(await routeOf({ action: "late" })).toBe("$default");
  });
});

describe("a route selection expression", () => {
  it.each([
    { frame: { a: "x", b: "y" }, route: "x/y" },
    { frame: { a: "x" }, route: "x/" },
    { frame: {}, route: "/" },
    { frame: { a: "y", b: "x" }, route: "$default" },
    { frame: "x/y", route: "$default" },
  ])("may join variables and text: ${request.body.a}/${request.body.b} of $frame is $route", async (row) => {
    expect(await routeOf(row.frame, "twoPartsUrl")).toBe(row.route);
  });

  it.each([
    { frame: { header: { kind: "status" } }, route: "status" },
    { frame: { header: { kind: 7 } }, route: "7" },
    { frame: { header: { kind: true } }, route: "true" },
    { frame: { header: "status" }, route: "$default" },
    { frame: { header: null }, route: "$default" },
    { frame: { "header.kind": "status" }, route: "$default" },
  ])("may be a path into the body: $request.body.header.kind of $frame is $route", async ({ frame, route }) => {
    expect(await routeOf(frame, "nestedUrl")).toBe(route);
  });

  it("may be a constant: every JSON message goes to that route", async () => {
    expect(await routeOf({ action: "anything" }, "staticUrl")).toBe("everything");
    expect(await routeOf({}, "staticUrl")).toBe("everything");
  });

  it("may be \\$default: every message goes there, whatever its action", async () => {
    expect(await routeOf({ action: "hello" }, "alwaysDefaultUrl")).toBe("$default");
    expect(await routeOf("hello", "alwaysDefaultUrl")).toBe("$default");
  });
});

describe("a function's answer", () => {
  it.each([
    { what: "fails", frame: { action: "fail" } },
    { what: "is timed out by Lambda", frame: { action: "waitTooLong", ms: 5_000 } },
  ])("is Internal server error when the function $what, and the client stays connected", async ({ frame }) => {
    const client = await open();
    client.send(frame);
    expect(await client.next()).toEqual(gatewaySays("Internal server error"));
    await expectOpen(client);
  });

  it("is Endpoint request timed out if the function exceeds its integration's timeout", async () => {
    const client = await open();
    client.send({ action: "waitImpatiently", ms: 1_000 });
    expect(await client.next()).toEqual(gatewaySays("Endpoint request timed out"));
    await expectOpen(client);
  });

  it.each(["answerNobodyHears", "returnNull"])("isn't sent to the client: %s", async (action) => {
    const client = await open();
    client.send({ action: "echo" });
    const { connectionId } = (await client.next()).requestContext;
    client.send({ action });
    await cloud.waitFor("message", (message) => message.route === action && message.connectionId === connectionId);
    await expectOpen(client);
    expect(client.frames).toEqual([]);
  });

  it("may overtake that of an earlier message on the same connection", async () => {
    const client = await open();
    client.send({ action: "wait", ms: 1_200 });
    client.send({ action: "wait", ms: 0 });
    expect(await client.next()).toMatchObject({ ms: 0 });
    expect(await client.next()).toMatchObject({ ms: 1_200 });
  });
});

describe("a client may send", () => {
  /** Sends a message in frames of these sizes; a function counts the bytes. */
  function sendFrames(client: TestClient, sizes: number[]): void {
    const empty = JSON.stringify({ action: "measure", padding: "" });
    const padding = "x".repeat(total(sizes) - empty.length);
    let unsent = JSON.stringify({ action: "measure", padding });
    for (const [i, size] of sizes.entries()) {
      client.socket.send(unsent.slice(0, size), { fin: i === sizes.length - 1 });
      unsent = unsent.slice(size);
    }
  }

  describe.each([
    { how: "as they are", perMessageDeflate: false },
    { how: "compressed", perMessageDeflate: { threshold: 0 } },
  ])("frames $how:", ({ perMessageDeflate }) => {
    it.each([
      { what: "one of 32 KB", sizes: [32 * KB] },
      { what: "60 KB in two", sizes: [30 * KB, 30 * KB] },
      { what: "128 KB in four", sizes: Array(4).fill(32 * KB) },
    ])("$what", async ({ sizes }) => {
      const client = await open("url", { perMessageDeflate });
      sendFrames(client, sizes);
      expect(await client.next()).toEqual({ bytes: total(sizes) });
    });

    it.each([
      { what: "one of 40 KB", sizes: [40 * KB] },
      { what: "one of 32 KB and a byte", sizes: [32 * KB + 1] },
      { what: "one of 40 KB later in a message", sizes: [1 * KB, 40 * KB] },
      { what: "150 KB in five", sizes: Array(5).fill(30 * KB) },
    ])("but not $what, which closes the connection with 1009", async ({ sizes }) => {
      const client = await open("url", { perMessageDeflate });
      // A server that refuses compressed frames would also pass, but the test would then prove nothing.
      if (perMessageDeflate !== false) expect(client.socket.extensions).toContain("permessage-deflate");
      sendFrames(client, sizes);
      expect((await client.closed).code).toBe(1009);
    });
  });

  it("no binary frame: it closes the connection with 1003", async () => {
    const client = await open();
    client.socket.send(Buffer.from('{"action":"echo"}'), { binary: true });
    expect((await client.closed).code).toBe(1003);
  });

  it("pings, which are answered and reach no function", async () => {
    const client = await open();
    client.socket.ping("are you there?");
    expect(String(await once(client.socket, "pong"))).toBe("are you there?");
    client.send({ action: "echo" });
    const { connectionId } = (await client.next()).requestContext;
    const its = cloud.reports.filter((report) => "connectionId" in report && report.connectionId === connectionId);
    expect(its.map(({ event }) => event)).toEqual(["connected", "message"]);
  });
});

describe("a stage's throttle", () => {
  it("answers messages over the burst with Too Many Requests, and the client stays connected", async () => {
    const client = await open("throttledFramesUrl");
    for (let i = 0; i < 8; i++) client.send({ action: "echo" });
    const frames = [];
    for (let i = 0; i < 8; i++) frames.push(await client.next());
    const refused = frames.filter((frame) => frame.requestContext === undefined);
    // The handshake counts as a request too.
    expect(refused).toHaveLength(5);
    for (const frame of refused) expect(frame).toEqual(gatewaySays("Too Many Requests"));
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it("answers handshakes over the burst with 429", async () => {
    const statuses = [];
    for (let i = 0; i < 6; i++) {
      const status = await open("throttledHandshakesUrl").then(
        () => 101,
        (error) => (error instanceof HandshakeRefused ? error.status : error),
      );
      statuses.push(status);
    }
    expect(statuses).toEqual([101, 101, 101, 101, 429, 429]);
  });
});

function total(sizes: number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
