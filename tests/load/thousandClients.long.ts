/** A thousand people in one room, on one laptop. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTarget, type Target } from "../e2e/target.ts";
import type { TestClient } from "../webSocketClient.ts";

const CLIENTS = 1_000;
const AT_ONCE = 25;

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target?.stop());

test("one message reaches each of 1,000 clients once, within 500 MB of memory", async () => {
  const clients: TestClient[] = [];
  while (clients.length < CLIENTS) {
    const opened = Array.from({ length: AT_ONCE }, (_, i) => target.connect(`user-${clients.length + i}`));
    clients.push(...(await Promise.all(opened)));
  }

  await (clients[0] as TestClient).ask({ id: "m1", action: "sendMessage", text: "to everyone" });

  for (const client of clients) await client.next(({ type }) => type === "event");
  const megabytes = residentMegabytes(target.cloud?.process.pid as number);
  console.log(`${CLIENTS} clients: ${megabytes} MB resident`);
  for (const client of clients) expect(client.frames.filter(({ type }) => type === "event")).toEqual([]);
  if (process.platform === "linux") expect(megabytes).toBeLessThan(500);
});

/** Resident memory of a process and its children; 0 without /proc. */
function residentMegabytes(pid: number): number {
  if (process.platform !== "linux") return 0;
  const children = execFileSync("sh", ["-c", `cat /proc/${pid}/task/*/children`], { encoding: "utf8" }).split(/\s+/);
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  const ofChildren = children.filter(Boolean).reduce((sum, child) => sum + residentMegabytes(Number(child)), 0);
  return Math.round(Number(kilobytes) / 1024) + ofChildren;
}
