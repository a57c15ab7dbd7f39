/** Tests requests that fail: the server closes the socket, breaks the protocol, isn't there or doesn't answer in time. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { TimedOut } from "../../chat/http/exchange.ts";
import { SocketClosed } from "../../chat/http/keptSocket.ts";
import { MalformedResponse } from "../../chat/http/response.ts";
import { ask, bodyOf, failureOf, listen, OK, startRaw } from "./servers.ts";

const PARTS = [
  ["before its answer", ""],
  ["in the middle of the head", "HTTP/1.1 200 OK\r\ncontent-le"],
  ["after an interim answer", "HTTP/1.1 103 Early Hints\r\n\r\n"],
  ["in the middle of the body", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel"],
  ["in the middle of a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel"],
  ["before the last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"],
] as const;

/** Writes what the client has to receive before a reset. */
const written = (socket: Socket, text: string) =>
  new Promise<void>((resolve) => void (text === "" ? resolve() : socket.write(text, () => setImmediate(resolve))));

describe("a server that closes the socket", () => {
  test.each(PARTS)("%s fails the request, and the next one gets a new socket", async (_, part) => {
    const { port, sockets } = await startRaw(({ socket }, count) => socket.end(count === 1 ? part : OK));
    const error = await failureOf(ask(port));
    expect(error).toBeInstanceOf(SocketClosed);
    expect(error).toMatchObject({ code: "ECONNRESET", wasKept: false });
    expect(await bodyOf(ask(port))).toBe("ok");
    expect(sockets.length).toBe(2);
  });

  test.each(PARTS)("%s by a reset fails the request, and the next one gets a new socket", async (_, part) => {
    const { port } = await startRaw(async ({ socket }, count) => {
      if (count > 1) return void socket.end(OK);
      await written(socket, part);
      socket.resetAndDestroy();
    });
    const error = await failureOf(ask(port));
    expect(error).toBeInstanceOf(SocketClosed);
    expect(error).toMatchObject({ code: "ECONNRESET", wasKept: false });
    expect(await bodyOf(ask(port))).toBe("ok");
  });

  test.each(PARTS)(
    "%s also fails a later request on that socket, and the error says whether any answer had arrived",
    async (_, part) => {
      const { port } = await startRaw(({ socket }, count) => (count === 1 ? socket.write(OK) : socket.end(part)));
      await ask(port);
      expect(await failureOf(ask(port))).toMatchObject({ name: "SocketClosed", wasKept: part === "" });
    },
  );

  test("after answering a large request that it has only partly read doesn't fail the request", async () => {
    const port = await listen(
      createServer((socket) => {
        socket
          .on("error", () => {})
          .once("data", () => {
            socket.pause().end("HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
          });
      }),
    );
    for (let i = 0; i < 2; i++) expect((await ask(port, { latin1: "a".repeat(20_000_000) })).status).toBe(413);
  });
});

test.each([
  ["isn't HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n"],
  ["contradicts itself", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"],
  ["becomes malformed", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\nx\r\n"],
])("an answer that %s fails the request and closes the socket", async (_, answer) => {
  const { port, sockets } = await startRaw(({ socket }, count) => socket.write(count === 1 ? answer : OK));
  expect(await failureOf(ask(port))).toBeInstanceOf(MalformedResponse);
  if (sockets[0]?.closed === false) await once(sockets[0], "close");
  expect(await bodyOf(ask(port))).toBe("ok");
  expect(sockets.length).toBe(2);
});

test("a server that isn't there is reported with the socket's code", async () => {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  for (let i = 0; i < 3; i++) {
    const error = await failureOf(ask(port));
    expect(error).not.toBeInstanceOf(SocketClosed);
    expect(error.code).toBe("ECONNREFUSED");
  }
  expect((await failureOf(ask(port, { hostname: "localhost" }))).code).toBe("ECONNREFUSED");
});

describe("a deadline", () => {
  test("passes while the socket is connecting, and the next request works", async () => {
    const port = await startBusy();
    expect(await failureOf(ask(port.number, {}, 40))).toBeInstanceOf(TimedOut);
    await port.resume();
    expect(await bodyOf(ask(port.number))).toBe("ok");
  });

  test.each(PARTS)("passes %s, and the next request gets a new socket", async (_, part) => {
    const { port, sockets } = await startRaw(({ socket }, count) => socket.write(count === 1 ? part : OK));
    const error = await failureOf(ask(port, {}, 40));
    expect(error).toBeInstanceOf(TimedOut);
    expect(error.message).toBe("POST took more than 40 ms");
    expect(await bodyOf(ask(port, {}, 10_000))).toBe("ok");
    expect(sockets.length).toBe(2);
  });

  test("that has passed already fails the request", async () => {
    const { port } = await startRaw(() => {});
    expect(await failureOf(ask(port, {}, -1))).toBeInstanceOf(TimedOut);
  });

  test("of an answered request doesn't matter to the next one on its socket", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { port, sockets } = await startRaw(({ socket }, count) => {
      if (count === 2) vi.advanceTimersByTime(60);
      socket.write(OK);
    });
    await ask(port, {}, 50);
    expect(await bodyOf(ask(port))).toBe("ok");
    expect(sockets.length).toBe(1);
  });
});

/** Starts a server in a thread that is too busy to accept more connections. */
async function startBusy(): Promise<{ number: number; resume(): Promise<void> }> {
  const free = new Int32Array(new SharedArrayBuffer(4));
  const source = `
    const { createServer } = require("node:net");
    const { parentPort, workerData } = require("node:worker_threads");
    const server = createServer((socket) => socket.on("error", () => {}).on("data", () => socket.end(${JSON.stringify(OK)})));
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(workerData, 0, 0);
      parentPort.postMessage("resumed");
    });`;
  const worker = new Worker(source, { eval: true, workerData: free });
  const waiting: Socket[] = [];
  onTestFinished(async () => {
    Atomics.store(free, 0, 1);
    Atomics.notify(free, 0);
    for (const socket of waiting) socket.destroy();
    await worker.terminate();
  });
  const [number] = (await once(worker, "message")) as [number];
  // The kernel accepts a few connections for the busy server.
  for (let isFull = false; !isFull; ) {
    const socket = connect({ port: number, host: "127.0.0.1" }).on("error", () => {});
    waiting.push(socket);
    isFull = await Promise.race([once(socket, "connect").then(() => false), pause(50).then(() => true)]);
  }
  return {
    number,
    resume: async () => {
      for (const socket of waiting) socket.destroy();
      Atomics.store(free, 0, 1);
      Atomics.notify(free, 0);
      await once(worker, "message");
    },
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
