/** Requests for tokens to the local issuer: which are refused, and how. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startIssuer } from "../../local/identity/issuer.ts";

const JSON_TYPE = { "content-type": "application/json" };

let server: Server;
let url: string;
let errors: string[] = [];

beforeAll(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on("request", (await startIssuer(url)).handle);
});
afterAll(() => server?.close());

beforeEach(() => {
  errors = [];
  vi.spyOn(console, "error").mockImplementation((...args) => void errors.push(args.join(" ")));
});
afterEach(() => vi.restoreAllMocks());

const ask = (body: string, headers: Record<string, string> = JSON_TYPE) =>
  fetch(`${url}/.well-known/tokens`, { method: "POST", headers, body });

test.each<[what: string, body: string, headers: Record<string, string>, message: string]>([
  ["no content type", '{"user":"ana"}', { "content-type": "text/plain" }, "no JSON object was received"],
  ["a list", '["ana"]', JSON_TYPE, "no JSON object was received"],
  ["broken JSON", '{"user', JSON_TYPE, "Malformed JSON"],
  ["null", "null", JSON_TYPE, "expected an object"],
  ["no user", "{}", JSON_TYPE, "user: a name is expected"],
  ["an empty user", '{"user":""}', JSON_TYPE, "user: a name is expected"],
  ["a number as a name", '{"user":"ana","name":1}', JSON_TYPE, "name: a string is expected"],
  ["a list of audiences", '{"user":"ana","audience":["a"]}', JSON_TYPE, "audience: a string is expected"],
  ["text as an expiry", '{"user":"ana","expiresIn":"soon"}', JSON_TYPE, "expiresIn: a whole number of seconds"],
  ["an unknown key", '{"user":"ana","key":"mine"}', JSON_TYPE, 'key: "published" or "other"'],
])("a request with %s is refused with a reason, and nothing is printed", async (_, body, headers, message) => {
  const response = await ask(body, headers);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain(message.replaceAll('"', '\\"'));
  expect(errors).toEqual([]);
});

test("a request with every field gets a token", async () => {
  const response = await ask('{"user":"ana","name":"Ana","audience":"site","expiresIn":60,"key":"published"}');
  const { token } = (await response.json()) as { token: string };
  expect(decodeJwt(token)).toMatchObject({ sub: "ana", name: "Ana", aud: "site" });
});

test("a page gets no token, whatever its origin", async () => {
  for (const origin of ["https://evil.example", url, "null"]) {
    const response = await ask('{"user":"ana"}', { ...JSON_TYPE, origin });
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining("only for programs")]);
  }
});
