/** Sends the fuzzer's frames through real sockets, to test the gateway, the functions and a client together. */
import { setTimeout } from "node:timers/promises";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import { selectRoute } from "../../local/gateway/selection.ts";
import { startTarget, type Target } from "../e2e/target.ts";
import { type Frame, HandshakeRefused, type TestClient } from "../webSocketClient.ts";
import { frames, ROUTES } from "./arbitraries.ts";
import { isDocumented, MOST_BYTES } from "./documented.ts";
import { commandOf, optionsFor } from "./frames.ts";

/** Maximum size of a frame: API Gateway itself refuses a longer one. */
const MOST_FRAME_BYTES = 32 * 1024;

const CONNECTIONS = 4;
/**
 * Number of frames in a block. Within it, frames are sent route by route, because the local cloud has no room for
 * environments of all functions at once.
 */
const BLOCK = 2_000;
const SECRET = "private-secret";
const CANARY = `canary-${crypto.randomUUID()}`;

/** Frames that may come at any time; all others are answers. */
const PUSHES = new Set(["event", "presence", "typing", "read"]);
/** Actions without an answer when they succeed. */
const SILENT = new Set(["setTyping", "markRead"]);

/** Maximum time until an answer on a busy machine. */
const PATIENCE_MS = 20_000;

const config = (settings: Record<string, number>) =>
  Object.entries(settings).flatMap(([key, value]) => ["--config", `${key}=${value}`]);

describe("frames that none of our clients sends, through sockets", () => {
  const options = optionsFor(10_000);
  const { seed, count } = options;
  /** Number of connections closed because of a frame over the gateway's limit. */
  let cut = 0;
  const wrongs: { wrong: string; sent: string; came?: unknown }[] = [];
  let target: Target;
  let keeper: TestClient;
  let watch: Watch;

  beforeAll(async () => {
    console.log(`to reproduce this: ${commandOf(options, "sockets")}`);
    const unlimited = {
      strikes: 1_000_000,
      userRate: 1_000,
      userBurst: 100_000,
      roomRate: 1_000,
      connectRate: 100_000,
    };
    target = await startTarget(config({ ...unlimited, throttleRate: 10_000, throttleBurst: 5_000 }));
    watch = new Watch(target);
    keeper = await target.connect("keeper");
    await keeper.ask({ id: "join", action: "joinRoom", room: SECRET });
    await keeper.ask({ id: "plant", action: "sendMessage", room: SECRET, text: CANARY });
    // Frames may ban these people: none of them is a sender.
    const people = ["nobody", "#", "__proto__"];
    const tokens = [
      ...(await Promise.all(
        ["sender-0", "keeper", "nobody"].map((user) => requestToken(target.issuer as string, { user })),
      )),
      "garbage",
    ];
    const rooms = [SECRET, "lobby", "lobby", "den", "den", "den", "private-fuzz", "Überraum", "__proto__", "a b#c%d"];
    const texts = byRoute(fc.sample(frames({ rooms, people, tokens, mostUnits: 33_500 }), { seed, numRuns: count }));
    texts.push("[".repeat(MOST_FRAME_BYTES + 1), `{"action":"ping","id":"${"é".repeat(MOST_FRAME_BYTES / 2)}"}`);
    const senders = Array.from({ length: CONNECTIONS }, (_, i) => sendAll(i, texts));
    const planting = setInterval(() => {
      keeper.send({ id: crypto.randomUUID(), action: "sendMessage", room: SECRET, text: CANARY });
    }, 500);
    await Promise.all(senders);
    clearInterval(planting);
  }, 900_000);
  afterAll(() => target?.stop());

  /** Uses one connection at a time, and sends each frame after the previous answer. */
  async function sendAll(i: number, texts: string[]): Promise<void> {
    let client: TestClient | undefined;
    for (let at = i; at < texts.length; at += CONNECTIONS) {
      const text = texts[at] as string;
      if (client?.socket.readyState !== WebSocket.OPEN) client = await open(i);
      const isTooLong = Buffer.byteLength(text) > MOST_FRAME_BYTES;
      try {
        await sendOne(client, text, isTooLong);
      } catch (error) {
        wrongs.push({ wrong: (error as Error).message, sent: text.slice(0, 300) });
        client.socket.terminate();
      }
    }
  }

  async function open(i: number): Promise<TestClient> {
    const client = await target.connect(`sender-${i}`);
    const ready = await client.ask({ id: "hello", action: "hello", rooms: [{ room: "den" }] });
    watch.add(client, ready.connectionId);
    client.socket.on("message", (data) => {
      const text = data.toString();
      const came = text.slice(0, 300);
      if (text.includes(CANARY))
        wrongs.push({ wrong: "it contains text from a room that its receiver is not in", sent: "", came });
      if (Buffer.byteLength(text) > MOST_BYTES)
        wrongs.push({ wrong: "it is longer than a frame may be", sent: "", came });
    });
    return client;
  }

  async function sendOne(client: TestClient, text: string, isTooLong: boolean): Promise<void> {
    const action = actionOf(text);
    const handled = watch.handledOn(client, action);
    client.frames.length = 0;
    client.send(text);
    if (isTooLong) {
      const closed = await Promise.race([client.closed, setTimeout(PATIENCE_MS)]);
      if (closed?.code !== 1009)
        throw new Error(`after a frame over the gateway's limit, the connection is closed with ${closed?.code}`);
      cut += 1;
      return;
    }
    const isDone = () => SILENT.has(action) && watch.handledOn(client, action) > handled;
    const answer = await answerOn(client, isDone);
    if (answer === undefined) return;
    const sent = text.slice(0, 300);
    if (!isDocumented(answer)) wrongs.push({ wrong: "the answer isn't a documented frame", sent, came: answer });
    if (answer.code === "INTERNAL") wrongs.push({ wrong: "INTERNAL", sent, came: answer });
  }

  test("are each answered, and close a connection only if they exceed the gateway's size limit", () => {
    expect(watch.handled).toBeGreaterThan(0.9 * count);
    expect(cut).toBeGreaterThanOrEqual(2);
    expect(wrongs.slice(0, 20), commandOf(options, "sockets")).toEqual([]);
  });

  test("make no function fail, and the cloud reports no other problem", () => {
    const events = target.cloud?.reports.filter(({ event }) =>
      ["failure", "error", "denied", "deadLetter", "warning"].includes(event),
    );
    expect(events).toEqual([]);
    expect(target.cloud?.stderr()).toBe("");
    expect(target.cloud?.process.exitCode).toBeNull();
  });

  test("leave a working chat", async () => {
    const [ana, bob] = [await target.connect("ana"), await target.connect("bob")];
    for (const client of [ana, bob]) await client.ask({ id: "join", action: "joinRoom", room: "afterward" });
    const ack = await ana.ask({ id: "said", action: "sendMessage", room: "afterward", text: "Good evening" });
    const event = await bob.next(({ type }) => type === "event");
    const page = await bob.ask({ id: "read", action: "getHistory", room: "afterward" });
    const den = await bob.ask({ id: "den", action: "joinRoom", room: "den" });

    expect(ack).toMatchObject({ type: "ack", seq: 1 });
    expect(event.entries[0]).toMatchObject({ text: "Good evening", user: { id: "ana" } });
    expect(page.entries).toEqual(event.entries);
    expect(isDocumented(den)).toBe(true);
  });
});

describe("a connection that keeps sending invalid frames", () => {
  const MOST = 20;
  /** Maximum number of requests that are in flight when a connection is closed, and may still be answered. */
  const MORE = 5;
  let target: Target;

  beforeAll(async () => {
    target = await startTarget(config({ userRate: 1_000, userBurst: 100_000 }));
  });
  afterAll(() => target?.stop());

  /** @returns the number of frames that the client could send, or `most` + 1 if it wasn't disconnected */
  async function sendUntilClosed(client: TestClient, text: string, most: number): Promise<number> {
    for (let sent = 1; sent <= most; sent++) {
      const answered = client.next(({ type }) => type === "error").then(() => false);
      client.send(text);
      const isClosed = await Promise.race([answered, client.closed.then(() => true)]);
      answered.catch(() => {});
      if (isClosed) return sent;
      // The server closes the connection before it answers, but the client may notice that later.
      await setTimeout(5);
      if (client.socket.readyState !== client.socket.OPEN) return sent;
    }
    return most + 1;
  }

  test.each([
    ["that aren't JSON", "garbage"],
    ["of an unknown action", '{"action":"nope"}'],
    ["that lack a field", '{"action":"sendMessage"}'],
    ["with an additional field", '{"action":"ping","pong":1}'],
  ])("%s is closed once it has sent about as many as allowed, and other connections stay open", async (kind, text) => {
    const name = `mallory, who sends garbage ${kind}`;
    const [client, other] = [await target.connect(name), await target.connect("ana")];

    const sent = await sendUntilClosed(client, text, MOST + MORE);

    expect(sent).toBeGreaterThanOrEqual(MOST);
    expect(sent).toBeLessThanOrEqual(MOST + MORE);
    await client.closed;
    expect(await other.ask({ id: "ping", action: "ping" })).toMatchObject({ type: "pong" });
    // A user whose connection was closed has to wait before reconnecting.
    await expect(target.connect(name)).rejects.toThrow(HandshakeRefused);
  });

  test("has a separate count for each route", async () => {
    const client = await target.connect("mallory");
    for (const text of [
      "garbage",
      '{"action":"ping","x":1}',
      '{"action":"getHistory","x":1}',
      '{"action":"hello","x":1}',
    ]) {
      expect(await sendUntilClosed(client, text, MOST - 1)).toBe(MOST);
    }
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    expect(await sendUntilClosed(client, '{"action":"ping","x":1}', MORE)).toBeLessThanOrEqual(MORE);
    await client.closed;
  });

  test("isn't confused with a connection whose valid frames are refused, however often", async () => {
    const client = await target.connect("bob");
    for (let i = 0; i < 2 * MOST; i++) {
      expect(await client.ask({ id: `${i}`, action: "getHistory", room: "not-mine" })).toMatchObject({
        code: "NOT_A_MEMBER",
      });
    }
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});

/**
 * The cloud's reports by connection, indexed as they arrive, because searching all of them for each frame would be
 * slow.
 */
class Watch {
  handled = 0;
  readonly #target: Target;
  readonly #ids = new Map<TestClient, string>();
  readonly #handled = new Map<string, number>();
  #read = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  add(client: TestClient, connectionId: string): void {
    this.#ids.set(client, connectionId);
  }

  /** Number of a connection's frames that a route's function has handled. */
  handledOn(client: TestClient, route: string): number {
    const reports = this.#target.cloud?.reports ?? [];
    for (; this.#read < reports.length; this.#read++) {
      const report = reports[this.#read];
      if (report?.event !== "message") continue;
      this.handled += 1;
      const key = `${report.connectionId} ${report.route}`;
      this.#handled.set(key, (this.#handled.get(key) ?? 0) + 1);
    }
    return this.#handled.get(`${this.#ids.get(client)} ${route}`) ?? 0;
  }
}

/**
 * Takes the next frame that is an answer, and drops frames that came before it.
 *
 * @param isDone tells whether the function of a frame without an answer has returned
 */
async function answerOn(client: TestClient, isDone: () => boolean): Promise<Frame> {
  const until = Date.now() + PATIENCE_MS;
  let left = until;
  for (;;) {
    const answer = client.frames.splice(0).find((frame) => !PUSHES.has(frame.type) || frame.id !== undefined);
    if (answer !== undefined) return answer;
    if (client.socket.readyState !== client.socket.OPEN) {
      throw new Error(`the connection is closed with ${(await client.closed).code}`);
    }
    if (Date.now() > left) {
      if (left === until) throw new Error("it is not answered");
      return undefined;
    }
    // The function's answer may still be in flight.
    if (left === until && isDone()) left = Date.now() + 50;
    await setTimeout(1);
  }
}

function byRoute(texts: string[]): string[] {
  const blocks = Array.from({ length: Math.ceil(texts.length / BLOCK) }, (_, i) =>
    texts.slice(i * BLOCK, (i + 1) * BLOCK),
  );
  const routeOf = (text: string) => selectRoute("$request.body.action", text, ROUTES);
  return blocks.flatMap((block) => Object.values(Object.groupBy(block, routeOf)).flatMap((same) => same ?? []));
}

function actionOf(text: string): string {
  try {
    return String(JSON.parse(text).action);
  } catch {
    return "";
  }
}
