/** Tests that requests and answers of any content arrive unchanged, and that sockets are reused only if that is safe. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ask, bodyOf, failureOf, listen, OK, startRaw } from "./servers.ts";

const startHttp = (listener: RequestListener) => listen(createServer(listener));

/** Answers with the request: its method, path and headers in headers, its body in the body. */
const echo: RequestListener = async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const length = request.headers["x-framing"] === "length" ? { "content-length": body.length } : {};
  response.writeHead(Number(request.headers["x-status"]), {
    "x-method": request.method,
    "x-path": request.url,
    "x-echo": request.headers["x-sent"],
    ...length,
  });
  // Two writes, so that a body without a length has two chunks.
  response.write(body.subarray(0, body.length >> 1));
  response.end(body.subarray(body.length >> 1));
};

describe("a request and its answer", () => {
  test("arrive unchanged, whatever they contain", async () => {
    const port = await startHttp(echo);
    const value = fc.string({
      unit: fc.constantFrom("a", "B", ":", ",", "%", "\xe0", "\xa0", "\xff", "="),
      minLength: 1,
    });
    const request = fc.record({
      method: fc.constantFrom("POST", "PUT", "GET", "DELETE"),
      path: fc.stringMatching(/^\/[a-z%~=&?]{0,20}$/),
      value,
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: fc.constantFrom("a", "ü", "€", "🌍", "\r\n") }).map((text) => Buffer.from(text)),
      ),
      status: fc.constantFrom(200, 201, 400, 410, 429, 500),
      framing: fc.constantFrom("length", "chunks"),
    });
    const property = fc.asyncProperty(request, async ({ method, path, value, bytes, status, framing }) => {
      const latin1 = Buffer.from(bytes).toString("latin1");
      const headers = { host: "test", "x-sent": value, "x-status": String(status), "x-framing": framing };
      const answer = await ask(port, { method, path, headers, latin1 });
      expect(answer).toMatchObject({ status, headers: { "x-method": method, "x-path": path, "x-echo": value } });
      expect(answer.body.toString("latin1")).toBe(latin1);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test.each(["length", "chunks"])("of 1 MB arrive unchanged, with %s", async (framing) => {
    const port = await startHttp(echo);
    const bytes = Buffer.alloc(1_000_003, "naïve, 🌍! ");
    const headers = { host: "test", "x-sent": "", "x-status": "200", "x-framing": framing };
    const { body } = await ask(port, { headers, latin1: bytes.toString("latin1") });
    expect(body.equals(bytes)).toBe(true);
  });

  test("are sent as one head with the headers in their order and the body's length in bytes", async () => {
    const { port, arrived } = await startRaw();
    const latin1 = Buffer.from("naïve").toString("latin1");
    await ask(port, { path: "/a%20b?c", headers: { host: "x", a: "b" }, latin1 });
    expect(arrived[0]?.text).toBe(`POST /a%20b?c HTTP/1.1\r\nhost: x\r\na: b\r\ncontent-length: 6\r\n\r\n${latin1}`);
  });

  test("may have interim answers in between", async () => {
    const { port } = await startRaw(({ socket }) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n${OK}`));
    expect(await ask(port)).toMatchObject({ status: 200, headers: { "content-length": "2" } });
  });

  test("may leave out the answer's length: its body then ends when the server closes the socket", async () => {
    const { port, sockets } = await startRaw(({ socket }, count) =>
      socket.end(`HTTP/1.1 200 OK\r\n\r\nnumber ${count}`),
    );
    expect(await bodyOf(ask(port))).toBe("number 1");
    expect(await bodyOf(ask(port))).toBe("number 2");
    expect(sockets.length).toBe(2);
  });
});

describe("a header's value is refused before anything is sent", () => {
  test.each([
    ["with a line feed", "a\nb: c"],
    ["with a carriage return", "a\r"],
    ["with a NUL", "\0"],
    ["with a letter whose low byte is a line feed", "\u010a"],
    ["with a letter whose low byte is a carriage return", "\u010d"],
    ["with a letter whose low byte is another letter", "\u0141"],
  ])("%s", async (_, value) => {
    const { port, arrived } = await startRaw();
    const error = await failureOf(ask(port, { headers: { host: "test", "x-sent": value } }));
    expect(error).toBeInstanceOf(TypeError);
    await ask(port);
    expect(arrived.length).toBe(1);
  });
});

describe("a socket", () => {
  test("is used again by the next request", async () => {
    const { port, arrived } = await startRaw();
    for (let i = 0; i < 5; i++) await ask(port);
    expect(arrived.map(({ socketNumber }) => socketNumber)).toEqual([1, 1, 1, 1, 1]);
  });

  test("serves one request at a time", async () => {
    const { port, sockets } = await startRaw((_, count) => {
      // The answers come in reverse order.
      if (count === 3)
        for (const [i, socket] of [...sockets.entries()].reverse()) socket.write(OK.replace("ok", `#${i}`));
    });
    const answers = await Promise.all([ask(port), ask(port), ask(port)]);
    expect(answers.map(({ body }) => body.toString()).sort()).toEqual(["#0", "#1", "#2"]);
    expect(sockets.length).toBe(3);
  });

  test("isn't shared between servers that differ only in their port", async () => {
    const [one, other] = [await startRaw(), await startRaw()];
    await Promise.all([ask(one.port), ask(other.port)]);
    expect([one.arrived.length, other.arrived.length]).toEqual([1, 1]);
  });

  test.each([
    ["connection: close", OK.replace("content", "connection: close\r\ncontent")],
    ["the version 1.0", OK.replace("1.1", "1.0")],
    ["more bytes than its length", `${OK}more`],
    ["another answer", OK + OK],
  ])("is closed after an answer with %s", async (_, answer) => {
    const { port, sockets } = await startRaw(({ socket }) => socket.write(answer));
    expect(await bodyOf(ask(port))).toBe("ok");
    const [first] = sockets;
    if (first?.closed === false) await once(first, "close");
    expect(await bodyOf(ask(port))).toBe("ok");
    expect(sockets.length).toBe(2);
  });

  test("is closed if the server sends something unasked, and the next request gets its own answer", async () => {
    const { port, sockets } = await startRaw(({ socket }, count) => socket.write(OK.replace("ok", `#${count}`)));
    expect(await bodyOf(ask(port))).toBe("#1");
    sockets[0]?.write("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n");
    await once(sockets[0] as never, "close");
    expect(await ask(port)).toMatchObject({ status: 200, body: Buffer.from("#2") });
    expect(sockets.length).toBe(2);
  });

  test.each([
    ["closes", "end"],
    ["resets", "resetAndDestroy"],
  ] as const)("that the server %s while it is idle isn't used again", async (_, close) => {
    const { port, sockets } = await startRaw();
    await ask(port);
    sockets[0]?.[close]();
    await once(sockets[0] as never, "close");
    // The client's side of a socket that was reset learns about it in the next turn of the event loop.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(await bodyOf(ask(port))).toBe("ok");
    expect(sockets.length).toBe(2);
  });

  test("isn't used again if its server answered before it had read the request", async () => {
    let sockets = 0;
    const server = createTcpServer((socket) => {
      sockets += 1;
      socket.once("data", () => socket.pause().write(OK));
    });
    const port = await listen(server);
    expect(await bodyOf(ask(port, { latin1: "a".repeat(20_000_000) }))).toBe("ok");
    // A request sent behind the first one would never be read.
    expect(await bodyOf(ask(port))).toBe("ok");
    expect(sockets).toBe(2);
  });
});
