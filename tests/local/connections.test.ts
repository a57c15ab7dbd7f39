/** Tests the life of a connection in API Gateway: handshake, events, `@connections`. */
import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { HandshakeRefused, TestClient } from "../webSocketClient.ts";
import { frameSizes } from "./frameSizes.ts";
import { loggedObject } from "./functionLog.ts";

let cloud: LocalCloud;
let url: string;

beforeAll(async () => {
  cloud = await startLocalCloud(["--program", "tests/programs/connections"]);
  url = cloud.outputs.url as string;
});
afterAll(() => cloud.stop());

const httpUrl = () => url.replace(/^ws/, "http");

/** The HTTP status of a handshake. */
async function handshake(at: string): Promise<number> {
  try {
    await TestClient.open(at);
    return 101;
  } catch (error) {
    if (error instanceof HandshakeRefused) return error.status;
    throw error;
  }
}

/** The status of a GET of exactly this path; fetch would normalize it first. */
function statusOf(path: string): Promise<number | undefined> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    get({ host, port, path, agent: false }, (response) => resolve(response.resume().statusCode)).on("error", reject);
  });
}

/** Opens a connection and asks for its id. */
async function connect(options: ClientOptions = {}, query = ""): Promise<{ client: TestClient; id: string }> {
  const client = await TestClient.open(`${url}${query}`, [], options);
  client.send("which connection is this?");
  const { requestContext } = await client.next();
  return { client, id: requestContext.connectionId };
}

describe("a handshake", () => {
  it("is required: a plain GET of the stage is answered with 426", async () => {
    expect((await fetch(httpUrl())).status).toBe(426);
  });

  it("with an unknown stage is refused with 403", async () => {
    expect(await handshake(url.replace(/prod$/, "nowhere"))).toBe(403);
  });

  it.each([401, 403, 404, 503])("is refused with the status %i that $connect returns", async (status) => {
    expect(await handshake(`${url}?status=${status}`)).toBe(status);
  });

  it.each(["0", "199", "600", "abc"])(
    "is refused with 500 if $connect returns %s, which isn't a status",
    async (status) => {
      expect(await handshake(`${url}?status=${status}`)).toBe(500);
    },
  );

  it.each(["a\r\nX-Own: 1", "two words"])(
    "is refused with 500 when $connect's subprotocol is %j",
    async (subprotocol) => {
      expect(await handshake(`${url}?subprotocol=${encodeURIComponent(subprotocol)}`)).toBe(500);
    },
  );

  it.each([200, 201, 204])("succeeds when $connect returns %i", async (status) => {
    expect(await handshake(`${url}?status=${status}`)).toBe(101);
  });

  it("is refused with 502 when $connect throws", async () => {
    expect(await handshake(`${url}?failing`)).toBe(502);
  });

  it("is refused with 500 without permission to invoke $connect, and the missing permission is reported", async () => {
    expect(await handshake(cloud.outputs.unpermittedUrl as string)).toBe(500);
    const { caller, resource, fix } = await cloud.waitFor("denied", (denied) => /InvokeFunction/.test(denied.action));
    expect(caller).toBe("apigateway.amazonaws.com");
    expect(resource).toBe("arn:aws:lambda:eu-central-1:000000000000:function:connect");
    expect(fix).toEqual({
      "aws.lambda.Permission": {
        action: "lambda:InvokeFunction",
        function: "connect",
        principal: "apigateway.amazonaws.com",
        sourceArn: `arn:aws:execute-api:eu-central-1:000000000000:${cloud.outputs.apiId}/unpermitted/$connect`,
      },
    });
  });

  it("succeeds without a $connect route", async () => {
    expect(await handshake(cloud.outputs.openUrl as string)).toBe(101);
  });

  it("selects the subprotocol that $connect returns as a header", async () => {
    const client = await TestClient.open(`${url}?subprotocol=chat.v2`, ["chat.v1", "chat.v2"]);
    expect(client.socket.protocol).toBe("chat.v2");
  });

  it("selects no subprotocol by itself, so a client that offered some gives up", async () => {
    await expect(TestClient.open(url, ["chat.v1"])).rejects.toThrow(/subprotocol/i);
  });
});

describe("the events of a connection", () => {
  /** Connects, sends a message and closes; returns the events of the functions. */
  async function live(options: ClientOptions = {}, query = "", leave = (socket: WebSocket) => socket.close(1000)) {
    const client = await TestClient.open(`${url}${query}`, [], options);
    client.send("hello");
    const message = await client.next();
    const { connectionId } = message.requestContext;
    leave(client.socket);
    const isIts = ({ requestContext }: { requestContext?: { connectionId: string } }) =>
      requestContext?.connectionId === connectionId;
    const [connect, disconnect] = await Promise.all([
      loggedObject(cloud, "connect", isIts),
      loggedObject(cloud, "disconnect", isIts),
    ]);
    return { connect, message, disconnect };
  }

  const anId = expect.stringMatching(/^[A-Za-z0-9_-]{15}=$/);

  const contextOf = (routeKey: string, eventType: string) => ({
    routeKey,
    eventType,
    extendedRequestId: anId,
    requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
    messageDirection: "IN",
    stage: "prod",
    connectedAt: expect.any(Number),
    requestTimeEpoch: expect.any(Number),
    identity: { sourceIp: "127.0.0.1" },
    requestId: anId,
    domainName: new URL(url).host,
    connectionId: anId,
    apiId: cloud.outputs.apiId,
  });

  it("CONNECT has headers, the request context and nothing else", async () => {
    const { connect } = await live({ headers: { "X-Color": "green" } });
    expect(connect).toEqual({
      headers: expect.objectContaining({
        Host: new URL(url).host,
        "X-Color": "green",
        "X-Amzn-Trace-Id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      }),
      multiValueHeaders: expect.objectContaining({ Host: [new URL(url).host], "X-Color": ["green"] }),
      requestContext: contextOf("$connect", "CONNECT"),
      isBase64Encoded: false,
    });
    expect(Object.keys(connect.headers)).not.toContain("Connection");
    expect(Object.keys(connect.headers)).not.toContain("Upgrade");
    expect(Object.keys(connect.multiValueHeaders)).toEqual(Object.keys(connect.headers));
  });

  it("CONNECT has the query parameters as single and multiple values, if there are any", async () => {
    const { connect } = await live({}, "?room=attic&room=cellar&as=a%20guest");
    expect(connect.queryStringParameters).toEqual({ room: "cellar", as: "a guest" });
    expect(connect.multiValueQueryStringParameters).toEqual({ room: ["attic", "cellar"], as: ["a guest"] });
  });

  it("CONNECT has headers and query parameters of any name, even one that every object inherits", async () => {
    const { connect } = await live({ headers: { constructor: "built" } }, "?constructor=1&toString=2&__proto__=3");
    expect(Object.entries(connect.queryStringParameters)).toEqual([
      ["constructor", "1"],
      ["toString", "2"],
      ["__proto__", "3"],
    ]);
    expect(connect.multiValueHeaders).toMatchObject({ constructor: ["built"] });
  });

  it("CONNECT has both values of a header that was sent twice", async () => {
    // Node accepts a list, but the types of ws don't.
    const twice = { "X-Color": ["green", "blue"] };
    const { connect } = await live({ headers: twice as never });
    expect(connect.multiValueHeaders["X-Color"]).toEqual(["green", "blue"]);
  });

  it("MESSAGE has a body, a message id and no headers", async () => {
    const { message } = await live({ headers: { "X-Color": "green" } });
    expect(message).toEqual({
      requestContext: { ...contextOf("$default", "MESSAGE"), messageId: anId },
      body: "hello",
      isBase64Encoded: false,
    });
  });

  it("DISCONNECT has four headers of its own and states how the connection ended", async () => {
    const { disconnect } = await live({ headers: { "X-Color": "green" } });
    const { host } = new URL(url);
    expect(disconnect).toEqual({
      headers: { Host: host, "x-api-key": "", "X-Forwarded-For": expect.any(String), "x-restapi": "" },
      multiValueHeaders: {
        Host: [host],
        "x-api-key": [""],
        "X-Forwarded-For": [expect.any(String)],
        "x-restapi": [""],
      },
      requestContext: {
        ...contextOf("$disconnect", "DISCONNECT"),
        disconnectStatusCode: 1000,
        disconnectReason: expect.any(String),
      },
      isBase64Encoded: false,
    });
  });

  it.each([
    { how: "with 1001", leave: (socket: WebSocket) => socket.close(1001), code: 1001, reason: "" },
    {
      how: "without a status",
      leave: (socket: WebSocket) => socket.close(),
      code: 1005,
      reason: "Client-side close frame status not set",
    },
  ])("DISCONNECT after the client closed $how has $code and its reason", async ({ leave, code, reason }) => {
    const { requestContext } = (await live({}, "", leave)).disconnect;
    expect(requestContext).toMatchObject({ disconnectStatusCode: code, disconnectReason: reason });
  });

  it("name the user agent if the client does", async () => {
    for (const event of Object.values(await live({ headers: { "User-Agent": "conformance" } }))) {
      expect(event.requestContext.identity).toEqual({ sourceIp: "127.0.0.1", userAgent: "conformance" });
    }
  });

  it("share the connection's id and time, and each has its own request id and time", async () => {
    const contexts = Object.values(await live()).map(({ requestContext }) => requestContext);
    expect(new Set(contexts.map(({ connectionId }) => connectionId)).size).toBe(1);
    expect(new Set(contexts.map(({ connectedAt }) => connectedAt)).size).toBe(1);
    expect(new Set(contexts.map(({ requestId }) => requestId)).size).toBe(3);
    for (const { requestId, extendedRequestId, requestTime, requestTimeEpoch, connectedAt } of contexts) {
      expect(extendedRequestId).toBe(requestId);
      expect(Math.abs(Date.now() - requestTimeEpoch)).toBeLessThan(60_000);
      expect(connectedAt).toBeLessThanOrEqual(requestTimeEpoch + 1000);
      // "25/Nov/2026:04:03:37 +0000" is the same second, in human-readable form.
      const [date, ...time] = requestTime.split(":");
      const seconds = Date.parse(`${date.replaceAll("/", " ")} ${time.join(":")}`) / 1000;
      expect(seconds).toBe(Math.floor(requestTimeEpoch / 1000));
    }
  });
});

describe("@connections", () => {
  interface Call {
    method: string;
    id: string;
    data?: string;
    /** Number of bytes to post instead of `data`: more than would fit into a frame to the function. */
    bytes?: number;
    stage?: string;
  }

  /** Makes a function call `@connections`. The SDK sends the id URL-encoded, its `=` as `%3D`. */
  async function call(call: Call, action = "manage") {
    const client = await TestClient.open(url);
    client.send({ action, ...call });
    const result = await client.next();
    client.socket.close();
    return result;
  }

  it("sends posted data unchanged and answers 200", async () => {
    const { client, id } = await connect();
    expect(await call({ method: "POST", id, data: "good morning ✓" })).toEqual({ status: 200 });
    expect(await client.next()).toBe("good morning ✓");
  });

  it("describes a connection: when it opened, when it was last active, and its source", async () => {
    const { id } = await connect({ headers: { "User-Agent": "conformance" } });
    const connected = await loggedObject(cloud, "connect", (event) => event.requestContext?.connectionId === id);
    const { status, ConnectedAt, LastActiveAt, Identity } = await call({ method: "GET", id });
    expect(status).toBe(200);
    expect(Identity).toEqual({ SourceIp: "127.0.0.1", UserAgent: "conformance" });
    expect(Math.abs(Date.parse(ConnectedAt) - connected.requestContext.connectedAt)).toBeLessThan(1000);
    expect(Date.parse(LastActiveAt)).toBeGreaterThanOrEqual(Date.parse(ConnectedAt));
  });

  it("closes a connection with 1000, answers 204, and runs $disconnect", async () => {
    const { client, id } = await connect();
    expect(await call({ method: "DELETE", id })).toEqual({ status: 204 });
    expect((await client.closed).code).toBe(1000);
    const { requestContext } = await loggedObject(
      cloud,
      "disconnect",
      (event) => event.requestContext?.connectionId === id,
    );
    expect(requestContext).toMatchObject({
      disconnectStatusCode: 1000,
      disconnectReason: "Connection Closed Normally",
    });
  });

  it.each(["POST", "GET", "DELETE"])("answers %s with 410 for a connection that has closed", async (method) => {
    const { client, id } = await connect();
    client.socket.close();
    await cloud.waitFor("disconnected", ({ connectionId }) => connectionId === id);
    expect(await call({ method, id, data: "hello?" })).toMatchObject({ status: 410, name: "GoneException" });
  });

  it.each(["POST", "GET", "DELETE"])("answers %s with 410 for an id that never existed", async (method) => {
    const { id } = await connect();
    const never = `${[...id.slice(0, -1)].reverse().join("")}=`;
    expect(await call({ method, id: never, data: "hello?" })).toMatchObject({ status: 410, name: "GoneException" });
  });

  it.each(["nobody", "=", "BFaT_fALIAMCKug", "BFaT fALIAMCKug="])(
    "answers with 400 for an invalid id: %j",
    async (id) => {
      expect(await call({ method: "POST", id, data: "?" })).toMatchObject({ status: 400, name: "BadRequestException" });
    },
  );

  it("answers with 410 for a connection whose $connect hasn't returned", async () => {
    const { client, id } = await connect({}, "?greeting=welcome");
    const greeted = await loggedObject(cloud, "connect", (logged) => logged.greeted === id);
    expect(greeted).toMatchObject({ status: 410, name: "GoneException" });
    expect(client.frames).toEqual([]);
  });

  it("sends 128 KB completely, in frames of at most 32 KB", async () => {
    const socket = new WebSocket(url);
    const sizes = frameSizes(socket);
    const client = new TestClient(socket);
    await new Promise((resolve) => socket.once("open", resolve));
    client.send("which connection is this?");
    const { requestContext } = await client.next();
    sizes.length = 0;
    const bytes = 128 * 1024;
    expect(await call({ method: "POST", id: requestContext.connectionId, bytes })).toEqual({ status: 200 });
    expect(await client.next()).toHaveLength(bytes);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(32 * 1024);
  });

  it("answers with 413 for more than 128 KB", async () => {
    const { id } = await connect();
    const bytes = 128 * 1024 + 1;
    expect(await call({ method: "POST", id, bytes })).toMatchObject({ status: 413, name: "PayloadTooLargeException" });
  });

  it("answers with 429 if the client doesn't read", async () => {
    const { client, id } = await connect();
    client.socket.pause();
    expect(await call({ method: "POST", id }, "flood")).toMatchObject({ status: 429, name: "LimitExceededException" });
    client.socket.terminate();
  });

  it("answers with 403 and Forbidden for an unknown stage", async () => {
    const { id } = await connect();
    const response = await fetch(`${httpUrl().replace(/prod$/, "nowhere")}/@connections/${encodeURIComponent(id)}`);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: "Forbidden" });
    const refusal = await call({ method: "POST", id, data: "hello?", stage: "absent" });
    expect(refusal).toEqual({ status: 403, name: "ForbiddenException", message: "Forbidden" });
  });

  it.each(["POST", "GET", "DELETE"])("answers an unsigned %s with 403 and does nothing", async (method) => {
    const { client, id } = await connect();
    expect((await fetch(`${httpUrl()}/@connections/${encodeURIComponent(id)}`, { method })).status).toBe(403);
    client.send("still there?");
    expect((await client.next()).body).toBe("still there?");
  });

  it("lets a role that may only POST do nothing else, and reports the missing permission", async () => {
    const { client, id } = await connect();
    expect(await call({ method: "POST", id, data: "good morning" }, "managePosting")).toEqual({ status: 200 });
    expect(await client.next()).toBe("good morning");
    for (const method of ["GET", "DELETE"]) {
      expect(await call({ method, id }, "managePosting")).toMatchObject({ status: 403 });
      const api = `arn:aws:execute-api:eu-central-1:000000000000:${cloud.outputs.apiId}`;
      const { caller, action, resource, fix } = await cloud.waitFor("denied", (denied) =>
        denied.resource.startsWith(`${api}/prod/${method}/@connections/`),
      );
      expect(caller).toBe("arn:aws:sts::000000000000:assumed-role/managePosting/managePosting");
      expect(action).toBe("execute-api:ManageConnections");
      expect(fix).toMatchObject({ Effect: "Allow", Action: action, Resource: resource });
    }
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  // This test runs last, because its failure would end the local cloud.
  it.each(["/prod/@connections/%ZZ", "//"])("survives an invalid path: %s", async (path) => {
    const status = await statusOf(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(await handshake(url)).toBe(101);
  });
});
