/** HTTP APIs and REST APIs next to a WebSocket API, tested with real clients. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await startLocalCloud(["--program", "tests/programs/sideBySide"]);
});
afterAll(() => cloud.stop());

const http = (path: string, init?: RequestInit) => fetch(`${cloud.outputs.httpUrl}${path}`, init);
const rest = (path: string, init?: RequestInit) => fetch(`${cloud.outputs.restUrl}${path}`, init);

describe("an HTTP API", () => {
  it("passes the request to its function, and the function's answer to the client", async () => {
    const response = await http("/orders/a%20b?tag=1&tag=2&q=x", {
      headers: { cookie: "one=1; two=2", "X-Thing": "T" },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-echo")).toBe("yes");
    expect(await response.json()).toMatchObject({
      version: "2.0",
      routeKey: "GET /orders/{id}",
      rawPath: "/orders/a%20b",
      rawQueryString: "tag=1&tag=2&q=x",
      queryStringParameters: { tag: "1,2", q: "x" },
      pathParameters: { id: "a b" },
      cookies: ["one=1", "two=2"],
      headers: { "x-thing": "T" },
      requestContext: { stage: "$default", http: { method: "GET", path: "/orders/a%20b" } },
      isBase64Encoded: false,
    });
  });

  it("passes bodies as text or base64, depending on their type", async () => {
    const headers = { "content-type": "application/json" };
    const json = await http("/orders", { method: "POST", headers, body: '{"a":1}' });
    expect(await json.json()).toMatchObject({ body: '{"a":1}', isBase64Encoded: false });
    const binary = await http("/orders", {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: new Uint8Array([255, 0]),
    });
    expect(await binary.json()).toMatchObject({ body: "/wA=", isBase64Encoded: true });
  });

  it("prefers the more specific route, and supports the older event format", async () => {
    expect(await (await http("/orders/new")).json()).toEqual({ hello: "world" });
    expect(await (await http("/files/a/b?x=1&x=2", { method: "PUT", body: "text" })).json()).toMatchObject({
      version: "1.0",
      resource: "/files/{path+}",
      httpMethod: "PUT",
      pathParameters: { path: "a/b" },
      multiValueQueryStringParameters: { x: ["1", "2"] },
      queryStringParameters: { x: "2" },
      body: "text",
    });
  });

  it("decodes base64 from the function, and sets cookies", async () => {
    const response = await http("/cookies");
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2, 255]);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("content-type")).toBe("image/png");
  });

  it("answers failures, invalid results, unknown routes and protected routes with its own errors", async () => {
    const cases: [path: string, status: number, message: string][] = [
      ["/failing", 500, "Internal Server Error"],
      ["/odd", 500, "Internal Server Error"],
      ["/missing", 404, "Not Found"],
      ["/guarded", 403, "Forbidden"],
    ];
    for (const [path, status, message] of cases) {
      const response = await http(path);
      expect([path, response.status, await response.json()]).toEqual([path, status, { message }]);
    }
    const failure = await cloud.waitFor("failure");
    expect(failure).toMatchObject({ errorMessage: "no coffee", route: "GET /failing" });
  });

  it("answers preflight requests by itself for the allowed origins", async () => {
    const ask = (origin: string) =>
      http("/orders", { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    const allowed = await ask("https://example.com");
    expect(allowed.status).toBe(204);
    expect(["origin", "methods"].map((name) => allowed.headers.get(`access-control-allow-${name}`))).toEqual([
      "https://example.com",
      "GET,POST",
    ]);
    expect(allowed.headers.get("access-control-max-age")).toBe("60");
    expect((await ask("https://example.org")).headers.get("access-control-allow-origin")).toBeNull();
  });

  it("may be defined in the quick-create form", async () => {
    expect(await (await fetch(`${cloud.outputs.shortUrl}/any/where`)).json()).toEqual({ hello: "world" });
  });
});

describe("a REST API", () => {
  it("passes the request to its function, with the path below the stage", async () => {
    const response = await rest("/items/a/b?x=1", { headers: { "X-Thing": "T" } });
    expect(response.status).toBe(201);
    const event = await response.json();
    expect(event).toMatchObject({
      resource: "/items/{proxy+}",
      path: "/items/a/b",
      pathParameters: { proxy: "a/b" },
      stageVariables: { color: "green" },
      multiValueHeaders: { "X-Thing": ["T"] },
      requestContext: { stage: "prod", path: "/prod/items/a/b", resourcePath: "/items/{proxy+}" },
      body: null,
    });
    expect(event.version).toBeUndefined();
  });

  it("answers with a mock", async () => {
    const response = await rest("/items", { method: "OPTIONS" });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
  });

  it("answers failures, invalid results and unknown paths with its own errors", async () => {
    expect((await rest("/items", { method: "DELETE" })).status).toBe(502);
    expect((await rest("/items")).status).toBe(502);
    const missing = await rest("/missing");
    expect([missing.status, await missing.json()]).toEqual([403, { message: "Missing Authentication Token" }]);
  });
});

it("a WebSocket API of the same program still works", async () => {
  const client = await TestClient.open(cloud.outputs.socketUrl as string);
  client.send({ action: "any" });
  await cloud.waitFor("message", ({ route }) => route === "$default");
  client.socket.close();
});
