/** Tests posts to connections while some clients don't read, sockets break, and the service refuses requests. */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type * as Api from "../../chat/connections/connectionsApi.ts";
import type * as Deliver from "../../chat/fanOut/deliver.ts";
import type { Member } from "../../chat/rooms/members.ts";

let server: Server;
let api: string;
let connectionsApi: typeof Api;
let deliver: typeof Deliver.deliver;
/** Time of the post to each member, in milliseconds since the start. */
const postedAt = new Map<string, number>();
let started = 0;
let hangs: (id: string) => boolean;
let breaks: (socket: Socket) => boolean;
let statusFor: (id: string) => number;
/** Access keys that signed the requests. */
const signers: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const id = decodeURIComponent(request.url ?? "").replace("/dev/@connections/", "");
    signers.push(/Credential=(\w+)\//.exec(request.headers.authorization ?? "")?.[1] ?? "nobody");
    if (breaks(request.socket)) return void request.socket.resetAndDestroy();
    request.resume().on("end", () => {
      postedAt.set(id, performance.now() - started);
      if (!hangs(id)) response.writeHead(statusFor(id)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dev`;
  Object.assign(process.env, { AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  connectionsApi = await import("../../chat/connections/connectionsApi.ts");
  ({ deliver } = await import("../../chat/fanOut/deliver.ts"));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

beforeEach(() => {
  postedAt.clear();
  [hangs, breaks, statusFor] = [() => false, () => false, () => 200];
  started = performance.now();
});

const members = (count: number): Member[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `member ${i}`,
    user: { id: `user ${i}`, name: "somebody" },
    connectedAt: 0,
    tokenExpiresAt: Number.POSITIVE_INFINITY,
  }));
const frame = () => connectionsApi.encodeFrame({ type: "bye", reason: "test", retryAfterMs: 0 });
const send = (to: Member[]) => deliver({ connections: "none" as never, posts: api as never }, "lobby", to, [frame()]);

test("four members who don't read delay none of the 296 others", async () => {
  hangs = (id) => /^member (3|5|7|9)$/.test(id);
  const { posted, timedOut, ...others } = await send(members(300));
  expect(others).toEqual({ gone: 0, throttled: 0, failed: 0 });
  // On a busy machine, another member's post may time out, too.
  expect([posted + timedOut, timedOut >= 4]).toEqual([300, true]);
  // Everyone else is posted to before the post to the first of the four times out.
  expect(postedAt.size).toBe(300);
  const givenUpAt = 2_000 + Math.min(...[3, 5, 7, 9].map((i) => postedAt.get(`member ${i}`) as number));
  expect(Math.max(...postedAt.values())).toBeLessThan(givenUpAt);
});

test("a kept-alive socket that the service resets costs no member a push", async () => {
  const used = new Set<Socket>();
  breaks = (socket) => {
    used.add(socket);
    return false;
  };
  await send(members(50));
  let resets = 0;
  // Each socket that has served one post is reset on its next one.
  breaks = (socket) => used.delete(socket) && ++resets > 0;
  expect(await send(members(50))).toEqual({ posted: 50, gone: 0, timedOut: 0, throttled: 0, failed: 0 });
  expect(resets).toBeGreaterThan(0);
});

test("after a freeze in which the service closed every socket, each post gets a new socket", async () => {
  await send(members(50));
  const dead = new Set<Socket>();
  const known = new Set<Socket>();
  breaks = (socket) => {
    if (known.size < 50) known.add(socket);
    return known.has(socket) && !dead.has(socket) && dead.add(socket).size > 0;
  };
  expect(await send(members(50))).toMatchObject({ posted: 50 });
});

test("a post's status tells how it went, and a throttled post is retried once", async () => {
  const tries = new Map<string, number>();
  const statuses: Record<string, number> = { "member 1": 410, "member 2": 413, "member 3": 403, "member 4": 429 };
  statusFor = (id) => {
    tries.set(id, (tries.get(id) ?? 0) + 1);
    if (id === "member 5" && tries.get(id) === 1) return 429;
    return statuses[id] ?? 200;
  };
  expect(await send(members(6))).toEqual({ posted: 2, gone: 1, timedOut: 0, throttled: 1, failed: 2 });
  expect([...tries].sort().map(([, count]) => count)).toEqual([1, 1, 1, 1, 2, 2]);
});

test("the access keys are read on each call because Lambda renews them", async () => {
  await send(members(1));
  process.env.AWS_ACCESS_KEY_ID = "renewed";
  await send(members(1));
  process.env.AWS_ACCESS_KEY_ID = "test";
  expect(signers.slice(-2)).toEqual(["test", "renewed"]);
});

test("connections can be checked and closed; one that is already gone isn't an error, but a refusal is", async () => {
  statusFor = (id) => ({ open: 200, gone: 410 })[id] ?? 403;
  expect(await connectionsApi.isOpen(api as never, "open")).toBe(true);
  expect(await connectionsApi.isOpen(api as never, "gone")).toBe(false);
  await expect(connectionsApi.isOpen(api as never, "another's")).rejects.toThrow(
    "GET @connections was answered with 403",
  );
  statusFor = () => 204;
  await connectionsApi.close(api as never, "open");
  statusFor = () => 410;
  await connectionsApi.close(api as never, "gone");
});
