/** Tests that no server gets more than 100 sockets: further requests wait for their turn, but not beyond their deadline. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { TimedOut } from "../../chat/http/exchange.ts";
import { type Arrived, ask, failureOf, OK, startRaw } from "./servers.ts";

const MAX_SOCKETS = 100;

/** Starts a server that holds its answers back until told otherwise. */
async function startSlow() {
  let onArrival = () => {};
  const server = await startRaw(() => onArrival());
  /** Resolves when that many requests have arrived. */
  const arrive = (count: number) =>
    new Promise<Arrived[]>((resolve) => {
      onArrival = () => {
        if (server.arrived.length >= count) resolve(server.arrived);
      };
      onArrival();
    });
  return { ...server, arrive };
}

const answer = ({ socket }: Arrived) => socket.write(OK);
const pathOf = ({ text }: Arrived) => text.split(" ")[1];

describe("while 100 requests are in flight", () => {
  test("further requests wait in line and then get, in order, the sockets of answered requests", async () => {
    const { port, arrive, arrived, sockets } = await startSlow();
    const answers = Array.from({ length: MAX_SOCKETS + 3 }, (_, i) => ask(port, { path: `/${i}` }));
    await arrive(MAX_SOCKETS);
    for (let i = 0; i < 3; i++) {
      expect(arrived.length).toBe(MAX_SOCKETS + i);
      answer(arrived[i * 7] as Arrived);
      await arrive(MAX_SOCKETS + i + 1);
      expect(arrived[MAX_SOCKETS + i]?.socketNumber).toBe(arrived[i * 7]?.socketNumber);
      expect(pathOf(arrived[MAX_SOCKETS + i] as Arrived)).toBe(`/${MAX_SOCKETS + i}`);
    }
    for (const [i, request] of arrived.entries()) if (![0, 7, 14].includes(i)) answer(request);
    expect((await Promise.all(answers)).length).toBe(MAX_SOCKETS + 3);
    expect(sockets.length).toBe(MAX_SOCKETS);
  });

  test.each([
    [
      "closes a socket after an answer",
      (socket: Arrived["socket"]) => socket.end(OK.replace("content", "connection: close\r\ncontent")),
    ],
    ["closes a socket without an answer", (socket: Arrived["socket"]) => socket.end()],
    ["resets a socket", (socket: Arrived["socket"]) => socket.resetAndDestroy()],
    ["sends a malformed answer", (socket: Arrived["socket"]) => socket.write("malformed\r\n\r\n")],
  ])("a waiting request gets a new socket if the server %s", async (_, end) => {
    const { port, arrive, arrived, sockets } = await startSlow();
    const answers = Array.from({ length: MAX_SOCKETS }, () => ask(port).catch(() => {}));
    await arrive(MAX_SOCKETS);
    const waiting = ask(port, { path: "/waiting" });
    end((arrived[3] as Arrived).socket);
    await arrive(MAX_SOCKETS + 1);
    expect(pathOf(arrived[MAX_SOCKETS] as Arrived)).toBe("/waiting");
    expect(sockets.length).toBe(MAX_SOCKETS + 1);
    for (const request of arrived) if (!request.socket.destroyed) answer(request);
    expect((await waiting).status).toBe(200);
    await Promise.all(answers);
  });

  test("a waiting request fails at its deadline without being sent, and the next one gets the turn", async () => {
    const { port, arrive, arrived, sockets } = await startSlow();
    const answers = Array.from({ length: MAX_SOCKETS }, () => ask(port));
    await arrive(MAX_SOCKETS);
    const error = failureOf(ask(port, { path: "/late" }, 40));
    const waiting = ask(port, { path: "/waiting" }, 10_000);
    expect(await error).toBeInstanceOf(TimedOut);
    expect((await error).message).toBe("POST took more than 40 ms");
    for (const request of arrived) answer(request);
    await arrive(MAX_SOCKETS + 1);
    answer(arrived[MAX_SOCKETS] as Arrived);
    await Promise.all([...answers, waiting]);
    // No socket is lost to the request that failed.
    const again = Array.from({ length: MAX_SOCKETS }, () => ask(port));
    await arrive(2 * MAX_SOCKETS + 1);
    for (const request of arrived.slice(MAX_SOCKETS + 1)) answer(request);
    await Promise.all(again);
    expect(arrived.map(pathOf).filter((path) => path !== "/")).toEqual(["/waiting"]);
    expect(sockets.length).toBe(MAX_SOCKETS);
  });

  test("the deadline of a request that got its turn doesn't matter to those that wait later", async () => {
    const { port, arrive, arrived } = await startSlow();
    const answers = Array.from({ length: MAX_SOCKETS }, () => ask(port));
    await arrive(MAX_SOCKETS);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const early = ask(port, {}, 100);
    answer(arrived[0] as Arrived);
    await arrive(MAX_SOCKETS + 1);
    answer(arrived[MAX_SOCKETS] as Arrived);
    await early;
    answers.push(ask(port), ask(port, { path: "/waiting" }));
    vi.advanceTimersByTime(110);
    answer(arrived[1] as Arrived);
    await arrive(MAX_SOCKETS + 3);
    expect(pathOf(arrived[MAX_SOCKETS + 2] as Arrived)).toBe("/waiting");
    for (const [i, request] of arrived.entries()) if (![0, 1, MAX_SOCKETS].includes(i)) answer(request);
    await Promise.all(answers);
  });

  test("requests to another server don't wait", async () => {
    const { port, arrive, arrived } = await startSlow();
    const other = await startRaw();
    const answers = Array.from({ length: MAX_SOCKETS }, () => ask(port));
    await arrive(MAX_SOCKETS);
    expect((await ask(other.port)).status).toBe(200);
    for (const request of arrived) answer(request);
    await Promise.all(answers);
  });
});

test("300 requests at once are all answered", async () => {
  const { port, sockets } = await startRaw();
  const answers = await Promise.all(Array.from({ length: 300 }, () => ask(port)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(sockets.length).toBe(MAX_SOCKETS);
});

test("failed requests give up their places to waiting ones", async () => {
  const { port } = await startRaw(({ socket }) => socket.resetAndDestroy());
  const errors = await Promise.all(Array.from({ length: 300 }, () => failureOf(ask(port))));
  expect(errors.map(({ code }) => code)).toEqual(Array(300).fill("ECONNRESET"));
  expect((await failureOf(ask(port))).code).toBe("ECONNRESET");
});
