/** The terminal client's connection, against a local cloud. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatConnection } from "../../cli/connection.ts";
import { requestToken } from "../../cli/localIssuer.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await startLocalCloud();
});
afterAll(() => cloud?.stop());

test("a token that is about to end is replaced by a newer one, and the connection stays", async () => {
  const url = cloud.outputs.webSocketUrl as string;
  const lifetimes = [4, 3600];
  const connection = new ChatConnection({
    url,
    token: () => requestToken(`http://${new URL(url).host}`, { user: "ana", expiresIn: lifetimes.shift() ?? 3600 }),
  });
  const lost: string[] = [];
  connection.on("lost", (why) => lost.push(why));

  const refreshed = new Promise<Record<string, unknown>>((resolve) => {
    connection.on("frame", (frame) => {
      if (frame.type === "ack") resolve(frame);
    });
  });
  await connection.open();

  expect((await refreshed).expiresAt).toBeGreaterThan(Date.now() + 3_000_000);
  expect([lost, lifetimes]).toEqual([[], []]);
  connection.close();
});
