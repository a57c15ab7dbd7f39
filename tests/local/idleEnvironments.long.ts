/** Unneeded execution environments release their memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startLocalCloud } from "../localCloud.ts";
import { TestClient } from "../webSocketClient.ts";

test("environments that are idle for half a minute end, except for a function's last one", async () => {
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
  await sleep(36_000);
  const later = await burst();
  expect([...later].filter((environment) => first.has(environment)).length).toBe(1);
  await cloud.stop();
});
