/** APIs and URLs of functions whose settings shut their door, and those that a role or a signature opens. */
import { fileURLToPath } from "node:url";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NodeSha256 } from "../../bench/nodeSha256.ts";
import { systemClock } from "../../local/clock.ts";
import type { Cloud } from "../../local/cloud.ts";
import { operatorOf } from "../../local/identity/operator.ts";
import { type HandshakeRefused, TestClient } from "../webSocketClient.ts";
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

/** 101 is an open connection. */
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

it("a function's URL passes the request to it, and lets allowed origins read the answer", async () => {
  const response = await fetch(`${outputs.openUrl}a/b?c=d`, { headers: { origin: "https://example.com" } });
  expect(await response.text()).toBe("hello from $default /a/b");
  expect(response.headers.get("access-control-allow-origin")).toBe("https://example.com");
});

it("a signed request to a function's URL gets in", async () => {
  const url = new URL(outputs.signedUrl as string);
  const signer = new SignatureV4({
    credentials: operatorOf(cloud).credentials,
    region: cloud.region,
    service: "lambda",
    sha256: NodeSha256,
  });
  const { headers } = await signer.sign({
    method: "GET",
    protocol: "http:",
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host },
  });
  expect(await (await fetch(url, { headers })).json()).toMatchObject({ principalId: "user" });
});
