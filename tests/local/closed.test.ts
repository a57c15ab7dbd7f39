/** APIs and function URLs whose settings shut callers out, and those that a role or a signature opens. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../local/clock.ts";
import type { Cloud } from "../../local/cloud.ts";
import { operatorOf } from "../../local/identity/operator.ts";
import { type HandshakeRefused, TestClient } from "../webSocketClient.ts";
import { signedGet } from "./signedGet.ts";
import { startProgram } from "./startProgram.ts";

let cloud: Cloud;
let outputs: Record<string, unknown>;
beforeAll(async () => {
  const folder = fileURLToPath(new URL("../programs/closed", import.meta.url));
  const started = await startProgram(folder, "../../../tsconfig.pulumi.json", systemClock);
  ({ cloud } = started);
  ({ outputs } = await started.deployed);
});
afterAll(() => cloud.stop());

/** Status with which the URL in this output answers; 101 if it opens a connection. */
async function statusOf(name: string): Promise<number> {
  const url = outputs[name] as string;
  if (url.startsWith("http")) return (await fetch(url)).status;
  return TestClient.open(url).then(
    ({ socket }) => {
      socket.terminate();
      return 101;
    },
    ({ status }: HandshakeRefused) => status,
  );
}

it.each([
  ["disabledSocket", 403],
  ["disabledHttp", 404],
  ["disabledRest", 403],
  ["privateRest", 403],
  ["restForUs", 200],
  ["restForOthers", 403],
  ["deniedRest", 403],
  ["byRole", 101],
  ["byPowerlessRole", 500],
  ["openUrl", 200],
  ["signedUrl", 403],
  ["failingUrl", 502],
])("%s answers %i", async (name, status) => {
  expect(await statusOf(name)).toBe(status);
});

it("a function's URL passes the request to the function, and lets allowed origins read the answer", async () => {
  const response = await fetch(`${outputs.openUrl}a/b?c=d`, { headers: { origin: "https://example.com" } });
  expect(await response.text()).toBe("hello from $default /a/b");
  expect(response.headers.get("access-control-allow-origin")).toBe("https://example.com");
});

it("a signed request to a function's URL reaches the function", async () => {
  const response = await signedGet(new URL(outputs.signedUrl as string), { ...operatorOf(cloud), service: "lambda" });
  expect(await response.json()).toMatchObject({ principalId: "user" });
});
