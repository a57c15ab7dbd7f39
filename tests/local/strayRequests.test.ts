/** Requests that are cut off, or whose target isn't a path, don't end the local cloud. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";

let cloud: LocalCloud;
let servers: Record<string, string>;

beforeAll(async () => {
  cloud = await startLocalCloud();
  const { page, outputs, aws } = await cloud.waitFor("ready");
  servers = {
    page: new URL(page as string).host,
    api: new URL(outputs.webSocketUrl as string).host,
    endpoint: new URL(aws?.AWS_ENDPOINT_URL as string).host,
  };
});
afterAll(() => cloud?.stop());

/** Writes these bytes, waits for the answer unless `breakOff` is set, and resets the connection. */
async function send(server: string, bytes: string, { breakOff = false } = {}): Promise<void> {
  const [host, port] = (servers[server] as string).split(":") as [string, string];
  const socket = connect(Number(port), host);
  socket.on("error", () => {});
  await once(socket, "connect");
  await new Promise((resolve) => socket.write(bytes, resolve));
  if (!breakOff) await Promise.race([once(socket, "data"), once(socket, "close")]);
  const closed = once(socket, "close");
  socket.resetAndDestroy();
  await closed;
}

const request = (server: string, method: string, target: string, more = "") =>
  `${method} ${target} HTTP/1.1\r\nHost: ${servers[server]}\r\n${more}\r\n`;

async function expectAlive(): Promise<void> {
  for (const host of Object.values(servers)) expect((await fetch(`http://${host}/`)).status).toBeLessThan(600);
  expect(cloud.reports.filter(({ event }) => event === "error")).toEqual([]);
}

test.each([
  ["page", "/token"],
  ["api", "/.well-known/tokens"],
  ["api", "/dev/@connections/abc"],
  ["endpoint", "/"],
  ["endpoint", "/2015-03-31/functions/chat-dev-hello/invocations"],
])("the %s server survives a request for %s whose body is cut off", async (server, target) => {
  await send(server, `${request(server, "POST", target, "Content-Length: 1000\r\n")}{"user"`, { breakOff: true });
  await expectAlive();
});

test.each(["//", "//:80/", "/%", "/%2", "http://[/", "http://x/y", "*", "/dev/@connections/%E0%A4%A"])(
  "each server answers a request for %s",
  async (target) => {
    for (const server of Object.keys(servers)) {
      await send(server, request(server, "GET", target));
      const upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n";
      await send(server, request(server, "GET", target, upgrade));
    }
    await expectAlive();
  },
);
