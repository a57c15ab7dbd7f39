/** Authorization of connections, with real clients against the local cloud. */
import { createHmac, createPublicKey, type JsonWebKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestToken } from "../../cli/localIssuer.ts";
import type { TokenRequest } from "../../local/identity/issuer.ts";
import { type LocalCloud, startLocalCloud } from "../localCloud.ts";
import { HandshakeRefused, TestClient } from "../webSocketClient.ts";

const AUTHORIZER = "/aws/lambda/chat-dev-authorizer";

let cloud: LocalCloud;
let url: string;
let issuer: string;
let page: string;
const opened: TestClient[] = [];

beforeAll(async () => {
  cloud = await startLocalCloud();
  url = cloud.outputs.webSocketUrl as string;
  issuer = `http://${new URL(url).host}`;
  page = (await cloud.waitFor("ready")).page as string;
});
afterAll(async () => {
  for (const { socket } of opened) socket.terminate();
  await cloud?.stop();
});

/** Returns 101, or the HTTP status with which the handshake was refused. */
async function statusOf(protocols: string[], origin?: string): Promise<number> {
  try {
    opened.push(await TestClient.open(url, protocols, origin === undefined ? {} : { origin }));
    return 101;
  } catch (error) {
    if (error instanceof HandshakeRefused) return error.status;
    throw error;
  }
}

const tokenFor = (request: Partial<TokenRequest> = {}) => requestToken(issuer, { user: "ana", ...request });
const withToken = (token: string, origin?: string) => statusOf(["chat.v1", `bearer.${token}`], origin);
const authorizerLines = () =>
  cloud.reports.flatMap((report) => (report.event === "log" && report.group === AUTHORIZER ? [report.line] : []));

// This test runs first because it counts every authorizer invocation since the start.
test("without subprotocols the answer is 401, and the authorizer is not invoked", async () => {
  expect(await statusOf([])).toBe(401);
  await cloud.waitFor("refused", ({ status }) => status === 401);
  expect(authorizerLines()).toEqual([]);

  // A log line may be late, so its absence proves nothing yet. The next handshake certainly invokes the authorizer, and
  // must be the only one that does.
  expect(await withToken(await tokenFor())).toBe(101);
  await cloud.waitFor("log", ({ group, line }) => group === AUTHORIZER && line.startsWith("END RequestId"));
  expect(authorizerLines().filter((line) => line.startsWith("START RequestId"))).toHaveLength(1);
});

describe("a client without a usable token is answered with 401", () => {
  test("chat.v1 alone", async () => {
    expect(await statusOf(["chat.v1"])).toBe(401);
  });

  test("chat.v1 with an empty bearer token", async () => {
    expect(await statusOf(["chat.v1", "bearer."])).toBe(401);
  });

  test.each<[what: string, request: Partial<TokenRequest>]>([
    ["for another audience", { audience: "someone-else" }],
    ["expired a minute ago", { expiresIn: -60 }],
    ["signed by another key under a published id", { key: "other" }],
  ])("a token %s", async (_, request) => {
    expect(await withToken(await tokenFor(request))).toBe(401);
  });

  test("a token with an unknown kid", async () => {
    const [header, payload, signature] = partsOf(await tokenFor());
    const forged = encode({ ...decode(header), kid: "nobody-knows-it" });
    expect(await withToken(`${forged}.${payload}.${signature}`)).toBe(401);
  });

  test("an unsigned token with alg none", async () => {
    const [header, payload] = partsOf(await tokenFor());
    for (const alg of ["none", "None", "NONE"]) {
      const forged = encode({ ...decode(header), alg });
      expect({ alg, status: await withToken(`${forged}.${payload}.`) }).toEqual({ alg, status: 401 });
    }
  });

  test("a token signed with HS256, using the issuer's public key as the secret", async () => {
    const { keys } = (await (await fetch(`${issuer}/.well-known/jwks.json`)).json()) as { keys: JsonWebKey[] };
    const jwk = keys[0] as JsonWebKey;
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const [header, payload] = partsOf(await tokenFor());
    const signed = `${encode({ ...decode(header), alg: "HS256" })}.${payload}`;
    // Tries every encoding in which a careless verifier might use the public key as a secret.
    const secrets = {
      pem: key.export({ type: "spki", format: "pem" }),
      trimmedPem: key.export({ type: "spki", format: "pem" }).toString().trim(),
      der: key.export({ type: "spki", format: "der" }),
      jwk: JSON.stringify(jwk),
    };
    for (const [shape, secret] of Object.entries(secrets)) {
      const forged = `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
      expect({ shape, status: await withToken(forged) }).toEqual({ shape, status: 401 });
    }
  });

  test("a token without a subject, made by the issuer", async () => {
    // The issuer's other endpoint makes machine tokens, which have no subject.
    const response = await fetch(`${issuer}/.well-known/oauth2/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ grant_type: "client_credentials", aud: "local" }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const claims = decode(partsOf(token)[1]);
    expect(claims).toMatchObject({ iss: issuer, aud: "local" });
    expect(claims).not.toHaveProperty("sub");
    expect(await withToken(token)).toBe(401);
  });

  test("a token whose subject was changed after it was signed", async () => {
    const [header, payload, signature] = partsOf(await tokenFor());
    const forged = encode({ ...decode(payload), sub: "bob" });
    expect(await withToken(`${header}.${forged}.${signature}`)).toBe(401);
  });

  test.each(["garbage", "a.b.c", "...", "e30.e30.e30", "x".repeat(2_000)])("garbage: %s", async (token) => {
    expect(await withToken(token)).toBe(401);
  });

  test("and none of these refusals was a failure of the authorizer", () => {
    // The authorizer throws "Unauthorized" for a client's faults. Any other error is a failure of its own.
    const failures = cloud.reports.filter(
      (report) => report.event === "failure" && report.errorMessage !== "Unauthorized",
    );
    expect(failures).toEqual([]);
  });
});

test("a token that expired within the clock skew opens a connection that accepts no requests", async () => {
  const token = await tokenFor({ expiresIn: -1 });
  const client = await TestClient.open(url, ["chat.v1", `bearer.${token}`]);
  opened.push(client);
  const answer = await client.ask({ id: "late", action: "sendMessage", text: "too late" });
  expect(answer).toMatchObject({ type: "error", code: "TOKEN_EXPIRED" });
});

test("a valid token offered without chat.v1 is answered with 400", async () => {
  expect(await statusOf([`bearer.${await tokenFor()}`])).toBe(400);
});

test("a valid token is accepted at any position among the subprotocols", async () => {
  expect(await statusOf([`bearer.${await tokenFor()}`, "chat.v1"])).toBe(101);
});

describe("a page in a browser", () => {
  test.each(["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1.evil.example"])(
    "at %s is answered with 403",
    async (origin) => {
      expect(await withToken(await tokenFor(), origin)).toBe(403);
    },
  );

  test("on this host, on a different port, is answered with 403", async () => {
    const other = `http://127.0.0.1:${Number(new URL(url).port) - 1}`;
    expect(await withToken(await tokenFor(), other)).toBe(403);
  });

  test("that the local cloud serves is accepted under one hostname only", async () => {
    expect(await withToken(await tokenFor(), page)).toBe(101);
    expect(await withToken(await tokenFor(), page.replace("127.0.0.1", "localhost"))).toBe(403);
    expect(await withToken(await tokenFor(), issuer)).toBe(403);
  });

  test("at an allowed origin still needs a valid token", async () => {
    expect(await statusOf(["chat.v1"], page)).toBe(401);
    expect(await withToken(await tokenFor({ key: "other" }), page)).toBe(401);
  });
});

function partsOf(token: string): [header: string, payload: string, signature: string] {
  return token.split(".") as [string, string, string];
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): object {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}

test("the page gets tokens only at its own origin, and may connect only to its own API", async () => {
  const foreign = await fetch(`${page}/token`, { method: "POST", headers: { origin: "https://evil.example" } });
  expect(foreign.status).toBe(403);
  const localhost = await fetch(page.replace("127.0.0.1", "localhost"), { redirect: "manual" });
  expect([localhost.status, localhost.headers.get("location")]).toEqual([308, `${page}/`]);
  const policy = (await fetch(page)).headers.get("content-security-policy");
  expect(policy).toContain(`connect-src 'self' ${new URL(url).origin};`);
});
