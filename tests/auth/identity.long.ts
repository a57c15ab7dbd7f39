/** Identity of senders and expiry of tokens, with real clients against the local cloud. */
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import type { TokenRequest } from "../../local/identity/issuer.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { type Frame, TestClient } from "../webSocketClient.ts";

let cloud: LocalCloud;
let url: string;
const opened: TestClient[] = [];
/** Every token and text sent through the chat. The last test looks for them where they must not be. */
const secrets: string[] = [];
/** Every error frame, as received. */
const errorFrames: string[] = [];

beforeAll(async () => {
  cloud = await startLocalCloud();
  url = cloud.outputs.webSocketUrl as string;
});
afterAll(async () => {
  for (const { socket } of opened) socket.terminate();
  await cloud?.stop();
});

async function tokenFor(request: TokenRequest): Promise<string> {
  const token = await requestToken(`http://${new URL(url).host}`, request);
  secrets.push(token);
  return token;
}

async function connect(request: TokenRequest): Promise<TestClient> {
  const client = await TestClient.open(url, ["chat.v1", `bearer.${await tokenFor(request)}`]);
  opened.push(client);
  client.socket.on("message", (data) => {
    const frame = data.toString();
    // Events may contain what people have written. A frame that is neither an event nor an answer to a valid request
    // must quote none of it.
    if (!/"type":"(event|ack|pong)"/.test(frame)) errorFrames.push(frame);
  });
  return client;
}

let count = 0;
const uniqueId = () => `request-${++count}`;

/** Text that only this test sends and that the last test looks for. */
function marker(): string {
  const text = `canary-${crypto.randomUUID()}`;
  secrets.push(text);
  return text;
}

const withText = (text: string) => (frame: Frame) => frame.type === "event" && frame.entries[0].text === text;
const say = (client: TestClient, text: string) => client.ask({ id: uniqueId(), action: "sendMessage", text });
const refresh = (client: TestClient, token: string) => client.ask({ id: uniqueId(), action: "refreshToken", token });

/** Resolves when the server reports that the client's token has expired. */
async function untilExpired(client: TestClient): Promise<Frame> {
  for (;;) {
    const answer = await client.ask({ id: uniqueId(), action: "ping" });
    if (answer.type !== "pong") return answer;
    // A client that asks without pauses may get its answer from the stage's throttle instead.
    await setTimeout(100);
  }
}

describe("the sender of a message", () => {
  test("comes from the token; a frame that states a sender is refused", async () => {
    const client = await connect({ user: "u-ana", name: "Ana" });
    for (const field of ["user", "userId", "name", "sub", "sentBy"]) {
      const frame = { action: "sendMessage", id: uniqueId(), text: marker(), [field]: "someone else" };
      expect(await client.ask(frame)).toMatchObject({ type: "error", code: "BAD_REQUEST", path: field });
    }
    const text = marker();
    await say(client, text);
    expect((await client.next(withText(text))).entries[0].user).toEqual({ id: "u-ana", name: "Ana" });
  });

  test("can have a name in any script", async () => {
    const client = await connect({ user: "u-jürgen", name: 'Jürgen "J" 李 👩‍👩‍👧' });
    const text = marker();
    await say(client, text);
    expect((await client.next(withText(text))).entries[0].user).toEqual({
      id: "u-jürgen",
      name: 'Jürgen "J" 李 👩‍👩‍👧',
    });
  });
});

describe("when a token has expired", () => {
  let client: TestClient;
  let witness: TestClient;
  let expired: Frame;

  beforeAll(async () => {
    witness = await connect({ user: "witness" });
    client = await connect({ user: "guest", expiresIn: 2 });
    expired = await untilExpired(client);
  });

  test("the connection stays open, and a request is answered with TOKEN_EXPIRED and the request's id", () => {
    expect(expired).toMatchObject({
      type: "error",
      code: "TOKEN_EXPIRED",
      retryable: false,
      id: expect.stringMatching(/^request-/),
    });
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  test("its owner can neither send nor receive", async () => {
    const [unsaid, unheard, after] = [marker(), marker(), marker()];
    expect(await say(client, unsaid)).toMatchObject({ type: "error", code: "TOKEN_EXPIRED" });

    // The ack comes after the posts to everyone, and the answer to the ping follows all of these posts.
    expect(await say(witness, unheard)).toMatchObject({ type: "ack" });
    expect(await say(witness, after)).toMatchObject({ type: "ack" });
    await witness.next(withText(after));
    await client.ask({ id: uniqueId(), action: "ping" });

    expect(witness.frames.filter(withText(unsaid))).toEqual([]);
    expect(client.frames.filter(({ type }) => type === "event")).toEqual([]);
  });

  test("another person's token is FORBIDDEN and changes nothing", async () => {
    const answer = await refresh(client, await tokenFor({ user: "witness" }));
    expect(answer).toMatchObject({ type: "error", code: "FORBIDDEN", retryable: false });
    expect(await say(client, marker())).toMatchObject({ code: "TOKEN_EXPIRED" });
  });

  test.each<[what: string, token: () => Promise<string>]>([
    ["garbage", async () => "garbage"],
    ["an expired token", () => tokenFor({ user: "guest", expiresIn: -60 })],
    ["a token for another audience", () => tokenFor({ user: "guest", audience: "someone-else" })],
    ["a token signed by another key", () => tokenFor({ user: "guest", key: "other" })],
  ])("%s is UNAUTHORIZED and changes nothing", async (_, token) => {
    expect(await refresh(client, await token())).toMatchObject({
      type: "error",
      code: "UNAUTHORIZED",
      retryable: false,
    });
    expect(await say(client, marker())).toMatchObject({ code: "TOKEN_EXPIRED" });
  });

  // This test runs last because it ends the state that the others need.
  test("a new token of the same person is acknowledged with its expiry, and both directions work again", async () => {
    const before = Date.now();
    const ack = await refresh(client, await tokenFor({ user: "guest", expiresIn: 600 }));
    const times = { expiresAt: expect.any(Number), expiresInMs: expect.any(Number) };
    expect(ack).toEqual({ type: "ack", id: expect.any(String), ...times });
    expect(ack.expiresAt).toBeGreaterThan(before + 590_000);
    expect(ack.expiresAt).toBeLessThan(Date.now() + 610_000);

    const [said, heard] = [marker(), marker()];
    expect(await say(client, said)).toMatchObject({ type: "ack" });
    await witness.next(withText(said));
    expect(await say(witness, heard)).toMatchObject({ type: "ack" });
    await client.next(withText(heard));
    expect(await client.ask({ id: uniqueId(), action: "ping" })).toMatchObject({ type: "pong" });
  });
});

test("a valid token isn't replaced by another person's token or by garbage", async () => {
  const client = await connect({ user: "carol" });
  expect(await refresh(client, await tokenFor({ user: "dave" }))).toMatchObject({ code: "FORBIDDEN" });
  expect(await refresh(client, "garbage")).toMatchObject({ code: "UNAUTHORIZED" });
  const text = marker();
  expect(await say(client, text)).toMatchObject({ type: "ack" });
  expect((await client.next(withText(text))).entries[0].user).toEqual({ id: "carol", name: "carol" });
});

test("no message, token or name appears in the cloud's output or in an error frame", async () => {
  // Error messages are more likely to quote a frame than other output is.
  const client = await connect({ user: "erin", name: marker() });
  const [unparsed, unknown, ill, long] = [marker(), marker(), marker(), marker()];
  client.send(`{"action":"sendMessage","text":"${unparsed}`);
  await client.next();
  await client.ask({ id: uniqueId(), action: "sendMessage", text: { ill } });
  await client.ask({ id: uniqueId(), action: "sendMessage", text: long.repeat(300) });
  client.send({ action: "nope", text: unknown });
  await client.next();
  expect(await refresh(client, marker())).toMatchObject({ code: "UNAUTHORIZED" });
  await client.ask({ id: uniqueId(), action: "refreshToken", token: [await tokenFor({ user: "erin" })] });
  await say(client, marker());
  await expect(
    TestClient.open(url, ["chat.v1", `bearer.${await tokenFor({ user: "erin", expiresIn: -60 })}`]),
  ).rejects.toMatchObject({ status: 401 });
  await client.close();
  // A connection's last log lines come after it has ended.
  for (const { socket } of opened) socket.terminate();
  await cloud.stop();

  expect(secrets.length).toBeGreaterThan(20);
  const said = JSON.stringify(cloud.reports) + cloud.stderr();
  // Every request leaves a log line, so the test would notice a line that reveals too much.
  expect(said).toContain('\\"route\\":\\"sendMessage\\"');
  expect(errorFrames.length).toBeGreaterThan(10);
  for (const place of [said, errorFrames.join("\n")]) {
    for (const secret of secrets) {
      expect(place).not.toContain(secret);
      // Not even one part of a token may appear, except the first, which is the same for all tokens and isn't secret.
      for (const part of secret.split(".").slice(1)) expect(place).not.toContain(part);
    }
  }
});
