/** Tests how the local cloud verifies signatures, with the SDK's own signer. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NodeSha256 } from "../../bench/nodeSha256.ts";
import { bodyOf, isRefusal, signerOf } from "../../local/endpoint/signature.ts";
import { type Credentials, Sessions } from "../../local/identity/sessions.ts";

const sessions = new Sessions();
const trust = { version: "2012-10-17" as const, statements: [] };
const role = { arn: "arn:aws:iam::000000000000:role/post", name: "post", trust, policies: new Map() };
const caller = { role, session: "post" };
const credentials = sessions.credentialsOf(caller);

let port: number;
let seen: string;
const server = createServer(async (request: IncomingMessage, response) => {
  const signer = signerOf(request, await bodyOf(request), sessions, "execute-api");
  seen = isRefusal(signer) ? `${signer.type}: ${signer.message}` : signer.role.name;
  response.end();
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.close();
});

interface Sent {
  keys?: Credentials;
  at?: Date;
  service?: string;
  /** Changes the request after it was signed. */
  change?: (sent: { path: string; query: string; headers: Record<string, string>; body: string }) => void;
}

/** Signs a POST request as the SDK does, sends it, and returns the signer or the reason for the refusal. */
async function signerSeen({
  keys = credentials,
  at = new Date(),
  service = "execute-api",
  change,
}: Sent): Promise<string> {
  const signer = new SignatureV4({ service, region: "eu-central-1", credentials: keys, sha256: NodeSha256 });
  const path = "/prod/@connections/abc_-DEF123456%3D";
  const [hostname, body] = [`127.0.0.1:${port}`, "a frame"];
  const query = { "a b": "1", A: "é" };
  const { headers } = await signer.sign(
    { method: "POST", protocol: "http:", hostname, path, query, headers: { host: hostname, "x-two": "a   b" }, body },
    { signingDate: at },
  );
  const sent = { path, query: "a%20b=1&A=%C3%A9", headers: headers as Record<string, string>, body };
  change?.(sent);
  const url = `http://${hostname}${sent.path}?${sent.query}`;
  await fetch(url, { method: "POST", headers: sent.headers, body: sent.body });
  return seen;
}

it("the signer of a request is identified", async () => {
  expect(await signerSeen({})).toBe("post");
});

const MISMATCH = /^InvalidSignatureException: The request signature we calculated does not match/;

it.each<[what: string, sent: Sent, refusal: RegExp]>([
  ["a wrong key", { keys: { ...credentials, secretAccessKey: "wrong" } }, MISMATCH],
  [
    "a changed body",
    {
      change: (sent) => {
        sent.body = "a frame!";
      },
    },
    MISMATCH,
  ],
  [
    "a badly encoded query",
    {
      change: (sent) => {
        sent.query = "a%20b=1&A=%E9";
      },
    },
    MISMATCH,
  ],
  [
    "a changed path",
    {
      change: (sent) => {
        sent.path = sent.path.replace("abc", "abd");
      },
    },
    MISMATCH,
  ],
  [
    "a changed header",
    {
      change: ({ headers }) => {
        headers["x-two"] = "a c";
      },
    },
    MISMATCH,
  ],
  ["a date in the past", { at: new Date(Date.now() - 600_000) }, /^InvalidSignatureException: Signature expired: /],
  [
    "a date in the future",
    { at: new Date(Date.now() + 600_000) },
    /^InvalidSignatureException: Signature not yet current: /,
  ],
  ["another service", { service: "dynamodb" }, /^InvalidSignatureException: Credential should be scoped to correct/],
  [
    "an unknown access key",
    { keys: { ...credentials, accessKeyId: "ASIASTRANGER" } },
    /^UnrecognizedClientException: /,
  ],
  [
    "another key's session",
    { keys: { ...credentials, sessionToken: sessions.credentialsOf({ role, session: "other" }).sessionToken } },
    /^UnrecognizedClientException: /,
  ],
  [
    "a session of an earlier start",
    { keys: { ...credentials, sessionToken: new Sessions().credentialsOf(caller).sessionToken } },
    /^UnrecognizedClientException: /,
  ],
  ["an expired session", { keys: sessions.credentialsOf(caller, -1) }, /^ExpiredTokenException: /],
  [
    "no signature",
    {
      change: ({ headers }) => {
        delete headers.authorization;
      },
    },
    /^MissingAuthenticationTokenException: /,
  ],
])("a request with %s is refused", async (_, sent, refusal) => {
  expect(await signerSeen(sent)).toMatch(refusal);
});

it("a date that is off by less than five minutes is accepted", async () => {
  expect(await signerSeen({ at: new Date(Date.now() - 200_000) })).toBe("post");
});
