/** Tests that a signed request is repeated once if the service had closed its kept socket, and never otherwise. */
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bodyOf, sendSigned } from "../../chat/signed/request.ts";
import { type Arrived, failureOf, OK, startRaw } from "./servers.ts";

beforeEach(() => {
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

const send = (endpoint: string, text = "", deadlineMs = 20_000) =>
  sendSigned({
    service: "execute-api",
    endpoint,
    method: "POST",
    path: "/a",
    body: bodyOf(Buffer.from(text)),
    deadlineMs,
  });

const numbersOf = (arrived: Arrived[]) => arrived.map(({ socketNumber }) => socketNumber);

describe("a request on a kept socket", () => {
  test.each([
    ["resets", "resetAndDestroy"],
    ["closes", "end"],
  ] as const)("that the service %s is repeated on a new one, unchanged", async (_, close) => {
    const { url, arrived } = await startRaw(({ socket }, count) => (count === 2 ? socket[close]() : socket.write(OK)));
    await send(url);
    expect(await send(url, "naïve")).toBe(200);
    expect(numbersOf(arrived)).toEqual([1, 1, 2]);
    const bodies = arrived.slice(1).map(({ text }) => Buffer.from(text, "latin1").toString().split("\r\n\r\n")[1]);
    expect(bodies).toEqual(["naïve", "naïve"]);
  });

  test("is repeated only once", async () => {
    const { url, arrived } = await startRaw(({ socket }, count) => (count === 1 ? socket.write(OK) : socket.end()));
    await send(url);
    expect(await failureOf(send(url))).toMatchObject({ code: "ECONNRESET" });
    expect(numbersOf(arrived)).toEqual([1, 1, 2]);
  });

  test("is repeated only within its deadline", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { url, arrived } = await startRaw(({ socket }, count) => {
      if (count === 1) return void socket.write(OK);
      // The second request gets no answer for 15 s, and the third one none at all.
      vi.setSystemTime(Date.now() + 15_000);
      if (count === 2) socket.resetAndDestroy();
    });
    await send(url);
    expect(await failureOf(send(url, "", 15_000))).toMatchObject({ name: "TimedOut" });
    expect(arrived.length).toBeLessThanOrEqual(3);
  });

  test("isn't repeated if its answer had begun", async () => {
    const { url, arrived } = await startRaw(({ socket }, count) => (count === 1 ? socket.write(OK) : socket.end("H")));
    await send(url);
    expect(await failureOf(send(url))).toMatchObject({ code: "ECONNRESET" });
    expect(numbersOf(arrived)).toEqual([1, 1]);
  });

  test("isn't repeated if its answer is malformed", async () => {
    const { url, arrived } = await startRaw(({ socket }, count) =>
      socket.write(count === 1 ? OK : "malformed\r\n\r\n"),
    );
    await send(url);
    expect(await failureOf(send(url))).toMatchObject({ name: "MalformedResponse" });
    expect(numbersOf(arrived)).toEqual([1, 1]);
  });

  test("isn't repeated if its deadline passes", async () => {
    const { url, arrived } = await startRaw(({ socket }, count) => count === 1 && socket.write(OK));
    await send(url);
    expect(await failureOf(send(url, "", 40))).toMatchObject({ name: "TimedOut" });
    expect(numbersOf(arrived)).toEqual([1, 1]);
  });

  test("isn't repeated if its answer is an error", async () => {
    const { url, arrived } = await startRaw(({ socket }, count) =>
      socket.write(count === 1 ? OK : "HTTP/1.1 503\r\ncontent-length: 0\r\n\r\n"),
    );
    await send(url);
    expect(await send(url)).toBe(503);
    expect(numbersOf(arrived)).toEqual([1, 1]);
  });
});

test.each([
  ["resets", "resetAndDestroy"],
  ["closes", "end"],
] as const)("a request on a new socket isn't repeated if the service %s it", async (_, close) => {
  const { url, arrived } = await startRaw(({ socket }) => socket[close]());
  expect(await failureOf(send(url))).toMatchObject({ code: "ECONNRESET" });
  expect(numbersOf(arrived)).toEqual([1]);
});

test("after the service has closed one kept socket, the other kept ones aren't used either", async () => {
  const { url, arrived, sockets } = await startRaw(({ socket }, count) => {
    // The first three are answered together, so that they have a socket each.
    if (count === 3) for (const each of sockets) each.write(OK);
    if (count === 4) socket.resetAndDestroy();
    if (count > 4) socket.write(OK);
  });
  await Promise.all([send(url), send(url), send(url)]);
  expect(await send(url)).toBe(200);
  expect(arrived[4]?.socketNumber).toBe(4);
  await Promise.all(sockets.slice(0, 3).map((socket) => socket.closed || once(socket, "close")));
  expect(sockets.filter(({ closed }) => closed).length).toBe(3);
});
