/** Unneeded execution environments release their memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { MAX_IDLE_MS, MAX_LAST_IDLE_MS } from "../../local/functions/environments.ts";
import { startLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";

test("environments that stay idle end, the last one of a function later than the others", async () => {
  const cloud = await startLocalCloud(["--program", "tests/programs/functions"]);
  const client = await TestClient.open(cloud.outputs.url as string);
  const burst = async () => {
    for (let i = 0; i < 4; i++) client.send({ action: "count", ms: 500 });
    const environments = new Set<string>();
    for (let i = 0; i < 4; i++) environments.add((await client.next()).environment);
    return environments;
  };
  const first = await burst();
  expect(first.size).toBeGreaterThan(1);
  // No event signals that an environment has ended, so time has to pass.
  await sleep(MAX_IDLE_MS + 3_000);
  const second = await burst();
  expect([...second].filter((environment) => first.has(environment)).length).toBe(1);
  await sleep(MAX_LAST_IDLE_MS + 3_000);
  const third = await burst();
  expect([...third].filter((environment) => second.has(environment))).toEqual([]);
  await cloud.stop();
});
