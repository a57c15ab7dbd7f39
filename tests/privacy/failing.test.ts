/**
 * Output when AWS fails: each deployed function runs against a DynamoDB and an `@connections` that refuse every request
 * with a message that quotes all of it. An error message could therefore contain text that a client sent.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlesWith } from "../checker/bundles.ts";
import { Canaries } from "./canaries.ts";

const canaries = new Canaries();
const mark = (what: string) => canaries.make(what);

type Handler = (event: unknown) => Promise<unknown>;

const folder = mkdtempSync(join(tmpdir(), "failing-"));
let server: Server;
/** Number of calls to an AWS API or the issuer. */
let asked = 0;
/** A function's `console` output. */
let said: string[] = [];
const handlers = new Map<string, Handler>();

beforeAll(async () => {
  server = createServer(async (request, response) => {
    asked += 1;
    let body = "";
    for await (const chunk of request as IncomingMessage) body += chunk;
    const type = request.url?.includes("@connections") ? "ForbiddenException" : "ValidationException";
    const refusal = { __type: `com.amazon.coral.validate#${type}`, message: `cannot do ${request.url} ${body}` };
    response
      .writeHead(400, { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": type })
      .end(JSON.stringify(refusal));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_REGION: "eu-central-1",
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "nobody",
    AWS_SECRET_ACCESS_KEY: "nothing",
  });
  for (const { name, text, variables } of (await bundlesWith()).functions) {
    Object.assign(process.env, variables, { ISSUER: `${url}/issuer`, AUDIENCE: "chat", CONNECTIONS_URL: url });
    handlers.set(name, handlerOf(name, text));
  }
}, 60_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
  server?.close();
  server?.closeAllConnections();
});

/** Evaluates a bundle as Lambda does, but with our own log. */
function handlerOf(name: string, text: string): Handler {
  const write = (...args: unknown[]) => void said.push(format(...args));
  const ownConsole = { log: write, info: write, warn: write, error: write, debug: write, trace: write };
  const file = join(folder, `${name}.cjs`);
  writeFileSync(file, `module.exports = function (module, exports, require, console) {${text}\n};`);
  const require = createRequire(file);
  const module = { exports: {} as { handler: Handler } };
  require(file)(module, module.exports, require, ownConsole);
  return module.exports.handler;
}

/**
 * The output that Lambda and a client see: the answer, and the log including the lines that Lambda writes for an error.
 */
async function invoke(name: string, event: unknown): Promise<{ answer: string; log: string; threw: boolean }> {
  said = [];
  asked = 0;
  try {
    const answer = JSON.stringify(await (handlers.get(name) as Handler)(event)) ?? "";
    return { answer, log: said.join("\n"), threw: false };
  } catch (error) {
    const { name: errorType, message: errorMessage, stack } = error as Error;
    said.push(`Invoke Error ${JSON.stringify({ errorType, errorMessage, stack: stack?.split("\n") })}`);
    return { answer: "", log: said.join("\n"), threw: true };
  }
}

const authorizer = () => ({
  principalId: mark("a user's id"),
  name: mark("a user's name"),
  tokenExpiresAt: String(Date.now() + 3_600_000),
});

function eventOf(routeKey: string, frame?: object): object {
  const requestContext = {
    routeKey,
    connectionId: "C1=",
    requestId: "R1=",
    connectedAt: Date.now(),
    authorizer: authorizer(),
  };
  const headers = {
    "Sec-WebSocket-Protocol": `chat.v1, bearer.${mark("a token")}`,
    "X-Forwarded-For": mark("an address"),
  };
  return { requestContext, headers, ...(frame === undefined ? {} : { body: JSON.stringify(frame) }) };
}

describe("when DynamoDB refuses everything", () => {
  const room = () => mark("a room");
  test.each<[string, () => Record<string, unknown>]>([
    ["hello", () => ({ rooms: [{ room: room() }] })],
    ["joinRoom", () => ({ room: room() })],
    ["leaveRoom", () => ({ room: room() })],
    ["sendMessage", () => ({ room: room(), text: mark("a text") })],
    ["editMessage", () => ({ room: room(), target: 1, text: mark("a text") })],
    ["deleteMessage", () => ({ room: room(), target: 1 })],
    ["react", () => ({ room: room(), target: 1, emoji: "🦤" })],
    ["getHistory", () => ({ room: room() })],
    ["setTyping", () => ({ room: room(), typing: true })],
    ["markRead", () => ({ room: room(), seq: 1 })],
    ["listRooms", () => ({ after: room() })],
    ["listMembers", () => ({ room: room() })],
    ["ping", () => ({ rooms: [room()] })],
    ["refreshToken", () => ({ token: mark("a token") })],
    ["invite", () => ({ room: room(), user: mark("a user's id") })],
    ["ban", () => ({ room: room(), user: mark("a user's id") })],
  ])("%s answers INTERNAL, and neither the answer nor its log reveals the content", async (action, fields) => {
    const { answer, log, threw } = await invoke(action, eventOf(action, { action, id: "1", ...fields() }));

    expect(threw).toBe(false);
    const { statusCode, body } = JSON.parse(answer) as { statusCode: number; body: string };
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toEqual({
      type: "error",
      code: "INTERNAL",
      message: expect.stringMatching(/^something went wrong on the server/),
      retryable: true,
      id: "1",
    });
    expect(asked).toBeGreaterThan(0);
    expect(log).toContain('"did":"INTERNAL"');
    expect(canaries.foundIn(body)).toEqual([]);
    expect(canaries.foundIn(log)).toEqual([]);
  });

  // If one of these functions throws, Lambda writes the error, including its message, to the function's log.
  test.each<[string, () => object]>([
    ["connect", () => eventOf("$connect")],
    ["disconnect", () => eventOf("$disconnect")],
    ["sweep", () => ({})],
    [
      "fanOut",
      () => ({
        range: { after: "CONN#", through: "CONN#~" },
        ...{ room: mark("a room"), from: 1, through: 1 },
      }),
    ],
    [
      "publish",
      () => ({
        service: mark("a service"),
        entries: [{ room: mark("a room"), id: mark("an id"), text: mark("a text") }],
      }),
    ],
    ["admin", () => ({ command: "role", room: mark("a room"), user: mark("a user's id"), role: "member" })],
    ["admin", () => ({ command: "export", user: mark("a user's id"), table: "messages" })],
    ["admin", () => ({ command: "erase", user: mark("a user's id"), table: "connections" })],
  ])("%s fails, and its log doesn't reveal the content", async (name, event) => {
    const { log, threw } = await invoke(name, event());

    expect(threw).toBe(true);
    expect(asked).toBeGreaterThan(0);
    expect(canaries.foundIn(log)).toEqual([]);
  });
});

test("the authorizer reveals nothing about a token when the issuer doesn't answer", async () => {
  const token = [
    { alg: "ES256", kid: mark("a key's id") },
    { sub: mark("a user's id"), name: mark("a name") },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .map((part) => canaries.add(part, "a token"))
    .join(".");
  const headers = { "Sec-WebSocket-Protocol": `chat.v1, bearer.${token}.${mark("a signature")}` };
  const { log } = await invoke("authorizer", {
    headers,
    methodArn: "arn:aws:none",
    requestContext: { requestId: "R1=" },
  });

  expect(asked).toBeGreaterThan(0);
  expect(log).toContain("Invoke Error");
  expect(canaries.foundIn(log)).toEqual([]);
});
