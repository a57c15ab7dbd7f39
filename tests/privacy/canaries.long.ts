/**
 * No log line, access log or report of the cloud contains what people write, who they are or where they are, whatever
 * they send and however it is answered. `handlers/log.ts` lists what log lines may contain.
 */
import { setTimeout } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import type { TokenRequest } from "../../local/identity/issuer.ts";
import { OPERATOR_PATH, type Operator } from "../../local/identity/operator.ts";
import { ACTIONS, type Action } from "../../protocol/actions.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { type Frame, HandshakeRefused, TestClient } from "../webSocketClient.ts";
import { Canaries } from "./canaries.ts";

const canaries = new Canaries();
/**
 * Markers that no error frame may quote, although clients may receive them in other frames: all except those in a
 * request's `id` and in the name of its action.
 */
const told = new Canaries();

/** An address of this machine that nothing else here uses. It is set up only on Linux. */
const ADDRESS = process.platform === "linux" ? "127.0.83.19" : undefined;
/** An emoji that nobody else reacts with. */
const EMOJI = "🦤";

let cloud: LocalCloud;
let url: string;
const opened: TestClient[] = [];
/** All error frames. */
const errors: string[] = [];
const codes = new Set<string>();

function mark(what: string): string {
  return told.add(canaries.make(what), what);
}

beforeAll(async () => {
  const limits = ["userBurst=20", "userRate=5", "strikes=60", "connectRate=6"];
  cloud = await startLocalCloud(limits.flatMap((limit) => ["--config", limit]));
  url = cloud.outputs.webSocketUrl as string;
  if (ADDRESS !== undefined) canaries.add(ADDRESS, "an address");
  canaries.add(EMOJI, "an emoji");
});
afterAll(async () => {
  for (const { socket } of opened) socket.terminate();
  await cloud?.stop();
});

async function tokenFor(request: TokenRequest): Promise<string> {
  return canaries.addToken(await requestToken(`http://${new URL(url).host}`, request), "a token");
}

interface Person {
  user: string;
  name: string;
}

function person(): Person {
  return { user: mark("a user's id"), name: mark("a user's name") };
}

/** Offers the token together with everything else that a client may send. */
async function open(token: string, protocols = ["chat.v1"], headers: Record<string, string> = {}): Promise<TestClient> {
  const client = await TestClient.open(
    `${url}?token=${canaries.make("a query")}`,
    [...protocols, `bearer.${token}`, `x-${canaries.make("a subprotocol")}`],
    {
      ...(ADDRESS === undefined ? {} : { localAddress: ADDRESS }),
      headers: {
        "User-Agent": `Mozilla ${canaries.make("a User-Agent")}`,
        "X-Forwarded-For": canaries.add("203.0.113.77", "an X-Forwarded-For"),
        Forwarded: `for=${canaries.make("a Forwarded")}`,
        Cookie: `session=${canaries.make("a cookie")}`,
        Authorization: `Bearer ${canaries.make("an Authorization")}`,
        "X-Own": canaries.make("a header"),
        ...headers,
      },
    },
  );
  opened.push(client);
  client.socket.on("message", (data) => {
    const text = data.toString();
    const { type, code } = JSON.parse(text) as { type?: string; code?: string };
    if (type !== undefined && type !== "error") return;
    errors.push(text);
    codes.add(code ?? text);
  });
  return client;
}

async function connect(request: TokenRequest): Promise<TestClient> {
  return open(await tokenFor(request));
}

async function refusal(opening: Promise<TestClient>): Promise<number> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof HandshakeRefused) return error.status;
    throw error;
  }
  throw new Error("it was admitted");
}

/** Requested actions. */
const done = new Set<string>();

/** Sends a frame with an id of its own, and resolves with the answer. */
function ask(client: TestClient, action: string, fields: Record<string, unknown> = {}): Promise<Frame> {
  done.add(action);
  return client.ask({ id: canaries.make("a request's id").slice(0, 64), action, ...fields });
}

/** Whether a value happens to be valid for a field. */
function isRight(action: string, name: string, value: unknown): boolean {
  if (typeof value !== "string") return action === "ping" && Array.isArray(value);
  if (name === "token") return value.length < 8_192;
  return ["room", "text", "after", "user"].includes(name) && value.length < 100 && value.isWellFormed();
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("connections", () => {
  test("are refused for every kind of invalid token", async () => {
    const someone = person();
    const good = await tokenFor(someone);
    const [header = "", payload = "", signature = ""] = good.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const withHeader = (fields: object) =>
      `${encode({ ...JSON.parse(atob(header)), ...fields })}.${payload}.${signature}`;
    const withClaims = (fields: object) => `${header}.${encode({ ...claims, ...fields })}.${signature}`;
    const bad = [
      canaries.make("a token"),
      `${canaries.make("a token")}.${canaries.make("a token")}.${canaries.make("a token")}`,
      await tokenFor({ ...someone, expiresIn: -60 }),
      await tokenFor({ ...someone, audience: canaries.make("an audience") }),
      await tokenFor({ ...someone, key: "other" }),
      await tokenFor({ ...someone, user: canaries.make("a long user's id").repeat(6) }),
      withHeader({ alg: "none" }),
      withHeader({ alg: canaries.make("an algorithm") }),
      withHeader({ kid: canaries.make("a key's id") }),
      withHeader({ crit: [canaries.make("a critical header")] }),
      withClaims({ iss: `https://${canaries.make("an issuer")}` }),
      withClaims({ sub: canaries.make("a subject") }),
      withClaims({ [canaries.make("a claim")]: canaries.make("a claim") }),
      `${header}.${payload}.`,
      `${header}.${payload}`,
    ];
    for (const token of bad) expect(await refusal(open(canaries.addToken(token, "a bad token")))).toBe(401);
  });

  test("are refused for their origin, for their protocol, and because there are too many", async () => {
    const someone = person();
    const token = await tokenFor(someone);
    expect(await refusal(open(token, ["chat.v1"], { Origin: `https://${canaries.make("an origin")}.test` }))).toBe(403);
    expect(await refusal(open(token, [canaries.make("a subprotocol")]))).toBe(400);
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++)
      statuses.push(
        await open(token).then(
          () => 101,
          ({ status }) => status,
        ),
      );
    expect(statuses).toContain(101);
    expect(statuses).toContain(429);
  });

  test("end with the client's reason, or without a close frame", async () => {
    const [one, other] = [await connect(person()), await connect(person())];
    // The local cloud prints close reasons for its developer; none of this may reach a log.
    one.socket.close(4000, told.make("a reason"));
    await one.closed;
    other.socket.terminate();
    await other.closed;
  });
});

describe("frames", () => {
  const [ana, bob] = [person(), person()];
  let client: TestClient;
  let other: TestClient;
  const room = mark("a room");
  const secret = `private-${mark("a private room")}`;

  beforeAll(async () => {
    [client, other] = [await connect(ana), await connect(bob)];
  });

  test("of every action succeed", async () => {
    done.clear();
    for (const one of [client, other]) {
      expect(
        await ask(one, "hello", {
          rooms: [
            { room: mark("a room"), after: 0 },
            { room: mark("a room"), after: 9 },
          ],
        }),
      ).toMatchObject({ type: "ready" });
      expect(await ask(one, "joinRoom", { room })).toMatchObject({ type: "ack" });
    }
    const acks = [
      await ask(client, "sendMessage", { room, text: mark("a text") }),
      await ask(client, "sendMessage", { room, text: mark("a text"), replyTo: 1, retry: true }),
      await ask(client, "editMessage", { room, target: 1, text: mark("a text") }),
      await ask(other, "react", { room, target: 1, emoji: EMOJI }),
      await ask(client, "deleteMessage", { room, target: 2 }),
      await ask(client, "joinRoom", { room: secret }),
      await ask(client, "invite", { room: secret, user: bob.user }),
      await ask(client, "invite", { room: secret, user: mark("an invited user's id"), moderator: true }),
      await ask(client, "ban", { room: secret, user: mark("a banned user's id") }),
      await ask(client, "leaveRoom", { room: mark("a room") }),
      await ask(client, "refreshToken", { token: await tokenFor(ana) }),
    ];
    expect(acks.map(({ type }) => type)).toEqual(acks.map(() => "ack"));
    for (const frame of [
      { action: "setTyping", room, typing: true },
      { action: "markRead", room, seq: 1 },
    ]) {
      done.add(frame.action);
      client.send(frame);
    }
    expect(await ask(client, "getHistory", { room })).toMatchObject({ type: "page" });
    expect(await ask(client, "getHistory", { room, after: 99 })).toMatchObject({ type: "reset" });
    expect(await ask(client, "listRooms", { after: mark("a room") })).toMatchObject({ type: "rooms" });
    expect(await ask(client, "listMembers", { room })).toMatchObject({ type: "presence" });
    expect(await ask(client, "ping", { rooms: [room, mark("a room")] })).toMatchObject({ type: "pong" });
    expect(done).toEqual(new Set(ACTIONS));
  });

  /** A valid frame for each action. */
  const RIGHT = {
    hello: { rooms: [] },
    joinRoom: { room },
    leaveRoom: { room },
    sendMessage: { room, text: "a" },
    editMessage: { room, text: "a", target: 1 },
    deleteMessage: { room, target: 1 },
    react: { room, target: 1, emoji: EMOJI },
    getHistory: { room, after: 0, limit: 1 },
    setTyping: { room, typing: true },
    markRead: { room, seq: 1 },
    listRooms: { after: room },
    listMembers: { room },
    ping: { rooms: [room] },
    refreshToken: { token: "a" },
    invite: { room, user: "a" },
    ban: { room, user: "a" },
  } satisfies Record<Action, object>;

  test.each(Object.entries(RIGHT))(
    "of %s with an invalid value in each of its fields are refused",
    async (action, fields) => {
      for (const name of Object.keys(fields)) {
        const wrong = { [mark("a key")]: mark("a value") };
        for (const value of [
          mark("a value"),
          [mark("a value")],
          wrong,
          `\ud800${mark("a value")}`,
          mark("a value").repeat(500),
        ]) {
          if (isRight(action, name, value)) continue;
          expect(await ask(client, action, { ...fields, [name]: value })).toMatchObject({
            type: "error",
            path: expect.stringContaining(name),
          });
        }
      }
      expect(
        await ask(client, action, { ...fields, [canaries.make("an unknown field")]: mark("a value") }),
      ).toMatchObject({ code: "BAD_REQUEST" });
    },
  );

  test("that aren't requests are refused", async () => {
    for (const text of [
      `{"action":"sendMessage","text":"${mark("a text")}`,
      mark("not JSON"),
      JSON.stringify(mark("a text")),
      `[{"action":"${mark("an action")}"}]`,
      JSON.stringify({ action: [mark("an action")] }),
      JSON.stringify({ action: canaries.make("an unknown action"), text: mark("a text"), [canaries.make("a key")]: 1 }),
      JSON.stringify({ action: `$connect ${canaries.make("an unknown action")}` }),
    ]) {
      const answered = other.next(({ type }) => type === "error");
      other.send(text);
      await answered;
    }
  });

  test("are refused for their content", async () => {
    const id = canaries.make("a request's id");
    await client.ask({ id, action: "sendMessage", room, text: mark("a text") });
    expect(await client.ask({ id, action: "sendMessage", room, text: mark("a text") })).toMatchObject({
      code: "ID_CONFLICT",
    });
    const refusals: [TestClient, string, string, object][] = [
      [client, "NOT_A_MEMBER", "sendMessage", { room: mark("a room"), text: mark("a text") }],
      [client, "NOT_A_MEMBER", "getHistory", { room: mark("a room") }],
      [client, "NOT_FOUND", "react", { room, target: 999, emoji: EMOJI }],
      [client, "NOT_FOUND", "editMessage", { room, target: 999, text: mark("a text") }],
      [client, "NOT_FOUND", "markRead", { room, seq: 999 }],
      [other, "FORBIDDEN", "editMessage", { room, target: 1, text: mark("a text") }],
      [other, "FORBIDDEN", "deleteMessage", { room, target: 1 }],
      [other, "FORBIDDEN", "ban", { room, user: ana.user }],
      [other, "FORBIDDEN", "invite", { room: mark("a room"), user: mark("a user's id") }],
      [other, "FORBIDDEN", "joinRoom", { room: `private-${mark("a room")}` }],
      [other, "TOO_LARGE", "sendMessage", { room, text: mark("a text").repeat(400) }],
      [other, "UNAUTHORIZED", "refreshToken", { token: mark("a token") }],
      [other, "UNAUTHORIZED", "refreshToken", { token: await tokenFor({ ...bob, expiresIn: -60 }) }],
      [other, "UNAUTHORIZED", "refreshToken", { token: await tokenFor({ ...bob, key: "other" }) }],
      [other, "FORBIDDEN", "refreshToken", { token: await tokenFor(ana) }],
    ];
    for (const [one, code, action, fields] of refusals) {
      // The first person in a private room becomes its moderator, so another user joins first.
      if (action === "joinRoom") await ask(client, "joinRoom", fields as Record<string, unknown>);
      expect({ action, ...(await ask(one, action, fields as Record<string, unknown>)) }).toMatchObject({
        action,
        code,
      });
    }
  });

  test("are refused because there are too many, because a token has expired, and after a ban", async () => {
    const [fast, ended, banned] = [person(), person(), person()];
    const fastClient = await connect(fast);
    for (let i = 0; i < 100 && !codes.has("RATE_LIMITED"); i++)
      await ask(fastClient, "sendMessage", { text: mark("a text") });
    expect(codes).toContain("RATE_LIMITED");

    const endedClient = await connect({ ...ended, expiresIn: 1 });
    for (let i = 0; i < 100 && !codes.has("TOKEN_EXPIRED"); i++) {
      await ask(endedClient, "listMembers");
      await setTimeout(50);
    }
    expect(codes).toContain("TOKEN_EXPIRED");

    const bannedClient = await connect(banned);
    await ask(client, "ban", { room: secret, user: banned.user });
    await bannedClient.closed;

    const rubbish = await connect(person());
    for (let i = 0; i < 70 && rubbish.socket.readyState === WebSocket.OPEN; i++) {
      rubbish.send(mark("not JSON"));
      await Promise.race([rubbish.next(({ type }) => type === "error").catch(() => {}), rubbish.closed]);
    }
    await rubbish.closed;
  });
});

describe("an operator", () => {
  let invoke: (name: string, event: unknown) => Promise<{ failed: boolean; answer: string }>;
  let functions: string[];

  beforeAll(async () => {
    const response = await fetch(`http://${new URL(url).host}${OPERATOR_PATH}`, { method: "POST" });
    const operator = (await response.json()) as Operator;
    functions = operator.functions;
    const client = new LambdaClient(operator);
    invoke = async (name, event) => {
      const FunctionName = functions.find((one) => one.endsWith(`-${name}`)) as string;
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
      );
      return { failed: FunctionError !== undefined, answer: Payload?.transformToString() ?? "" };
    };
  });

  test("exports, sets roles and erases", async () => {
    const someone = person();
    const room = mark("a room");
    const client = await connect(someone);
    await ask(client, "joinRoom", { room });
    await ask(client, "sendMessage", { room, text: mark("a text") });
    await ask(client, "react", { room, target: 1, emoji: EMOJI });
    expect(await invoke("admin", { command: "role", user: someone.user, room, role: "moderator" })).toMatchObject({
      failed: false,
    });
    for (const table of ["messages", "connections"]) {
      const exported = await invoke("admin", { command: "export", user: someone.user, table });
      expect(exported.answer).toContain(someone.user);
      expect(await invoke("admin", { command: "erase", user: someone.user, table })).toMatchObject({ failed: false });
    }
  });

  test("sends requests that fail", async () => {
    for (const table of ["messages", "connections"]) {
      const start = { pk: mark("a key"), sk: { [mark("a key")]: mark("a value") } };
      expect(await invoke("admin", { command: "export", user: mark("a user's id"), table, start })).toMatchObject({
        failed: true,
      });
    }
    await invoke("admin", {
      command: mark("a command"),
      user: { [mark("a key")]: mark("a user's id") },
      table: mark("a table"),
    });
    await invoke("admin", {
      command: "role",
      user: mark("a user's id"),
      room: mark("a room").repeat(100),
      role: mark("a role"),
    });
  });

  test("sweeps, and delivers an event to a range of members", async () => {
    const someone = person();
    const client = await connect(someone);
    await connect(someone);
    expect(await invoke("sweep", {})).toMatchObject({ failed: false });
    const said = await client.ask({ id: "range", action: "sendMessage", text: mark("a text") });
    const range = { after: "CONN#", through: "CONN#~" };
    const entries = { room: "lobby", from: said.seq, through: said.seq };
    expect(await invoke("fanOut", { ...entries, range })).toMatchObject({ failed: false });
  });

  test("publishes valid and invalid messages", async () => {
    const service = mark("a service");
    const right = () => ({ room: mark("a room"), id: mark("an id"), text: mark("a text") });
    const entries = [right(), { ...right(), [mark("a field")]: mark("a value") }, { ...right(), text: 7 }];
    expect(await invoke("publish", { service, entries })).toMatchObject({ failed: false });
    expect(await invoke("publish", { [mark("a field")]: service, entries })).toMatchObject({ failed: false });
  });

  test("invokes routes with events that API Gateway does not send", async () => {
    const routes = functions
      .map((name) => name.split("-").at(-1) as string)
      .filter((name) => !["admin", "publish", "sweep"].includes(name));
    expect(routes.length).toBeGreaterThan(18);
    const requestContext = { routeKey: "none", connectionId: "none", requestId: "none" };
    const body = JSON.stringify({ action: mark("an action"), text: mark("a text") });
    const headers = { [mark("a header")]: mark("a header") };
    // Without an authorizer's context, each function fails.
    const event = { requestContext, body, headers };
    for (const name of routes) await invoke(name, event);
  });
});

describe("the output of all this", () => {
  let lines: { group: string; line: string }[];

  beforeAll(async () => {
    for (const { socket } of opened) socket.terminate();
    await cloud.stop();
    lines = cloud.reports.flatMap((report) =>
      report.event === "log" ? [{ group: report.group, line: report.line }] : [],
    );
  });

  test("covers every function and every refusal, so there is something to search", () => {
    const groups = new Set(lines.map(({ group }) => group));
    const others = ["unknownAction", "connect", "disconnect", "authorizer", "admin", "publish", "sweep", "fanOut"];
    for (const name of [...ACTIONS, ...others]) {
      expect(
        [...groups].filter((group) => group.startsWith("/aws/lambda/") && group.endsWith(`-${name}`)),
      ).toHaveLength(1);
    }
    expect([...groups].filter((group) => group.startsWith("/aws/apigateway/"))).toHaveLength(1);
    const documented = [
      "BAD_JSON",
      "BAD_REQUEST",
      "UNKNOWN_ACTION",
      "UNAUTHORIZED",
      "FORBIDDEN",
      "TOKEN_EXPIRED",
      "NOT_A_MEMBER",
    ];
    expect([...codes]).toEqual(
      expect.arrayContaining([...documented, "NOT_FOUND", "ID_CONFLICT", "TOO_LARGE", "RATE_LIMITED"]),
    );
    expect(canaries.all.length).toBeGreaterThan(400);
  });

  test("doesn't contain, in any function's log, what people wrote, who they are or where", () => {
    const own = lines.filter(({ group }) => group.startsWith("/aws/lambda/")).map(({ line }) => line);
    expect(own.length).toBeGreaterThan(500);
    expect(canaries.foundIn(own.join("\n"))).toEqual([]);
    expect(told.foundIn(own.join("\n"))).toEqual([]);
  });

  test("doesn't contain any of it in the access log either", () => {
    const access = lines.filter(({ group }) => group.startsWith("/aws/apigateway/")).map(({ line }) => line);
    expect(access.length).toBeGreaterThan(200);
    expect(canaries.foundIn(access.join("\n"))).toEqual([]);
    expect(told.foundIn(access.join("\n"))).toEqual([]);
  });

  test("doesn't contain any of it in the local cloud's reports", () => {
    const reports = cloud.reports.filter(({ event }) => event !== "log").map((report) => JSON.stringify(report));
    expect(canaries.foundIn(reports.join("\n"))).toEqual([]);
    expect(canaries.foundIn(cloud.stderr())).toEqual([]);
  });

  test("has, in each line of a route, only the fields that handlers/log.ts lists", () => {
    const logged = lines
      .filter(({ group }) => group.startsWith("/aws/lambda/"))
      .map(({ line }) => line.split("\t")[3] ?? "")
      .filter((message) => message.startsWith('{"route"'))
      .map((message) => Object.keys(JSON.parse(message)));
    const known = new Set(["route", "connectionId", "requestId", "did", "ms", "lateMs", "slot", "error"]);
    expect(logged.length).toBeGreaterThan(200);
    expect(logged.flat().filter((key) => !known.has(key) && !key.endsWith("Count"))).toEqual([]);
  });

  test("quotes none of it in an error to a client, except for the path of a field", () => {
    const quoted = errors.map((text) => {
      const { path = "", message, ...rest } = JSON.parse(text) as { path?: string; message: string };
      return JSON.stringify({ ...rest, message: path === "" ? message : message.replaceAll(path, "") });
    });
    expect(quoted.length).toBeGreaterThan(100);
    expect([...new Set(quoted.flatMap((text) => told.foundIn(text)))]).toEqual([]);
  });
});
