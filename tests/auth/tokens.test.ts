/** Token verification, tested alone against a small issuer that can be made to misbehave. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { TokenRefused, TokenVerifier } from "../../chat/identity/tokens.ts";

const AUDIENCE = "tests";
const KID = "key-1";

let server: Server;
let issuer: string;
let privateKey: CryptoKey;
/** The issuer's own keys, and the keys that it currently publishes. */
let keys: JWK[];
let published: JWK[];
let keysFail = false;
/** If set, the issuer's configuration states this wrong issuer instead of the right one. */
let claimedIssuer: string | undefined;
/** Requested paths, in order. */
let asked: string[] = [];

beforeAll(async () => {
  const pair = await generateKeyPair("ES256");
  privateKey = pair.privateKey;
  keys = [{ ...(await exportJWK(pair.publicKey)), kid: KID, alg: "ES256", use: "sig" }];
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (request.url === "/jwks" && keysFail) return void response.writeHead(500).end();
    const body =
      request.url === "/jwks" ? { keys: published } : { issuer: claimedIssuer ?? issuer, jwks_uri: `${issuer}/jwks` };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  claimedIssuer = undefined;
  published = keys;
  keysFail = false;
});

const now = () => Math.floor(Date.now() / 1000);
const verifier = (rules: Partial<ConstructorParameters<typeof TokenVerifier>[0]> = {}) =>
  new TokenVerifier({ issuer, audience: AUDIENCE, ...rules });

/** Any value, because half of the tokens here are invalid on purpose. */
type Claims = Record<string, unknown>;

/** A valid token except for the given claims; a claim that is undefined is left out. */
function tokenWith(claims: Claims = {}, header: { alg?: string; kid?: string } = {}): Promise<string> {
  const payload = { iss: issuer, aud: AUDIENCE, sub: "ana", exp: now() + 60, ...claims };
  return new SignJWT(JSON.parse(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "ES256", kid: KID, ...header })
    .sign(privateKey);
}

/** The error that a promise is rejected with. */
async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const result = await promise.then(
    (value) => ({ value }),
    (error: Error) => ({ error }),
  );
  if ("value" in result) throw new Error(`expected a refusal, got ${JSON.stringify(result.value)}`);
  return result.error;
}

describe("a valid token", () => {
  test("yields the user and the expiry", async () => {
    const exp = now() + 60;
    const identity = await verifier().verify(await tokenWith({ sub: "u-1", name: "Ana", exp }));
    expect(identity).toEqual({ user: { id: "u-1", name: "Ana" }, tokenExpiresAt: exp * 1000 });
  });

  const blank = {
    spaces: "  ",
    "zero-width": "\u200b\u200d\ufeff",
    "direction marks": "\u200f\u202e\u2069",
    fillers: "\u3164\u2800",
  };
  test.each(Object.entries(blank))("whose name is only %s falls back to the next claim", async (_, name) => {
    const claims = { sub: "u-1", name, email: "ana@example.org" };
    expect((await verifier().verify(await tokenWith(claims))).user.name).toBe("ana");
    expect((await verifier().verify(await tokenWith({ sub: "u-1", name, email: name }))).user.name).toBe("u-1");
    const long = `${name.repeat(128)}Ana`;
    expect((await verifier().verify(await tokenWith({ sub: "u-1", name: long }))).user.name).toBe("u-1");
  });

  test.each(["Ana", "👩‍👩‍👧", "می‌خواهم", "क्‍ष", "\u202eAna", "é"])(
    "with the name %s yields exactly that name",
    async (name) => {
      expect((await verifier().verify(await tokenWith({ sub: "u-1", name }))).user.name).toBe(name);
    },
  );

  test.each([
    ["its name", { name: "Ana", preferred_username: "a" }, "Ana"],
    ["its preferred username", { preferred_username: "anita", email: "ana@example.com" }, "anita"],
    ["its user name", { "cognito:username": "ana", email: "mail@example.com" }, "ana"],
    [
      "its mailbox if the username is a UUID",
      { "cognito:username": "0b3f1f6e-9f0e-4b52-8a86-6f0f5f1f4c1e", email: "ana@example.com" },
      "ana",
    ],
  ])("yields the person's name from %s", async (_, claims, shown) => {
    expect((await verifier().verify(await tokenWith({ sub: "u-1", ...claims }))).user.name).toBe(shown);
  });

  test("without a name falls back to its subject", async () => {
    expect((await verifier().verify(await tokenWith({ sub: "u-1" }))).user).toEqual({ id: "u-1", name: "u-1" });
  });

  test("costs one discovery request and one key request for many verifications, whether they start at the same time or not", async () => {
    const tokens = verifier();
    const token = await tokenWith();
    await Promise.all(Array.from({ length: 20 }, () => tokens.verify(token)));
    await tokens.verify(token);
    expect(asked.sort()).toEqual(["/.well-known/openid-configuration", "/jwks"]);
  });
});

describe("the clocks", () => {
  test.each<[what: string, claims: () => Claims]>([
    ["expired within the skew", () => ({ exp: now() - 2 })],
    ["not valid before a moment within the skew", () => ({ nbf: now() + 3 })],
  ])("a token %s is accepted", async (_, claims) => {
    expect((await verifier().verify(await tokenWith(claims()))).user.id).toBe("ana");
  });

  test.each<[what: string, claims: () => Claims]>([
    ["expired beyond the skew", () => ({ exp: now() - 7 })],
    ["not valid before a moment beyond the skew", () => ({ nbf: now() + 30 })],
  ])("a token %s is refused", async (_, claims) => {
    expect(await errorOf(verifier().verify(await tokenWith(claims())))).toBeInstanceOf(TokenRefused);
  });

  test("may differ by the configured skew", async () => {
    const token = await tokenWith({ exp: now() - 20 });
    expect((await verifier({ clockSkewSeconds: 60 }).verify(token)).user.id).toBe("ana");
    expect(await errorOf(verifier({ clockSkewSeconds: 0 }).verify(token))).toBeInstanceOf(TokenRefused);
  });
});

describe("a token is refused", () => {
  test.each<[what: string, claims: Claims]>([
    ["without a sub", { sub: undefined }],
    ["with an empty sub", { sub: "" }],
    ["with a sub that isn't a string", { sub: 7 }],
    ["with a service's id as its sub", { sub: "service:billing" }],
    ["without an exp", { exp: undefined }],
    ["with an exp that isn't a number", { exp: "tomorrow" }],
    ["without an aud", { aud: undefined }],
    ["for another audience", { aud: "another" }],
    ["without an iss", { iss: undefined }],
    ["of another issuer", { iss: "https://another.example" }],
  ])("%s", async (_, claims) => {
    expect(await errorOf(verifier().verify(await tokenWith(claims)))).toBeInstanceOf(TokenRefused);
  });

  test("with an algorithm that isn't allowed", async () => {
    const tokens = verifier({ algorithms: ["RS256"] });
    expect(await errorOf(tokens.verify(await tokenWith()))).toBeInstanceOf(TokenRefused);
  });

  test("signed by another key under the published id", async () => {
    const other = await generateKeyPair("ES256");
    const token = await new SignJWT({ iss: issuer, aud: AUDIENCE, sub: "ana", exp: now() + 60 })
      .setProtectedHeader({ alg: "ES256", kid: KID })
      .sign(other.privateKey);
    expect(await errorOf(verifier().verify(token))).toBeInstanceOf(TokenRefused);
  });

  test.each(["", "garbage", "a.b.c", "..", "e30.e30.e30"])("that isn't a token: %j", async (token) => {
    expect(await errorOf(verifier().verify(token))).toBeInstanceOf(TokenRefused);
  });

  // Refusals end up in logs and answers, where a token must not appear.
  test("with a message that doesn't quote the header names listed in the token's crit", async () => {
    const marker = "canary-7f3a";
    const header = Buffer.from(JSON.stringify({ alg: "ES256", crit: [marker], [marker]: 1 })).toString("base64url");
    const error = await errorOf(verifier().verify(`${header}.e30.e30`));
    expect(error).toBeInstanceOf(TokenRefused);
    expect(error.message).not.toContain(marker);
  });

  test("with a message that quotes no part of the token", async () => {
    const marker = "canary-7f3a";
    const markers = { sub: marker, name: marker, email: marker };
    const good = await tokenWith(markers);
    const tokens = [
      marker,
      `${marker}.${marker}.${marker}`,
      `${good.slice(0, -8)}AAAAAAAA`,
      await tokenWith({ ...markers, exp: now() - 60 }),
      await tokenWith({ ...markers, aud: marker }),
      await tokenWith({ ...markers, iss: marker }),
      await tokenWith({ ...markers, exp: marker }),
      await tokenWith({ ...markers, nbf: now() + 600 }),
      await tokenWith({ ...markers, sub: marker.repeat(50) }),
      await tokenWith(markers, { kid: marker }),
      `${Buffer.from(JSON.stringify({ alg: marker, kid: marker })).toString("base64url")}.e30.e30`,
    ];
    for (const token of tokens) {
      const error = await errorOf(verifier().verify(token));
      expect({ token, name: error.name }).toEqual({ token, name: "TokenRefused" });
      expect(error.message).not.toContain(marker);
      for (const part of token.split(".")) if (part.length > 3) expect(error.message).not.toContain(part);
    }
  });
});

test("a flood of unknown key ids doesn't flood the issuer", async () => {
  const tokens = verifier();
  const [, payload, signature] = (await tokenWith()).split(".");
  let count = 0;
  const unknown = () => {
    const header = JSON.stringify({ alg: "ES256", kid: `unknown-${++count}` });
    return `${Buffer.from(header).toString("base64url")}.${payload}.${signature}`;
  };
  const errors: Error[] = [];
  for (let round = 0; round < 20; round++) {
    errors.push(...(await Promise.all(Array.from({ length: 50 }, () => errorOf(tokens.verify(unknown()))))));
  }
  expect(errors).toHaveLength(1_000);
  expect(errors.filter((error) => !(error instanceof TokenRefused))).toEqual([]);
  expect(asked.filter((path) => path === "/jwks").length).toBeLessThanOrEqual(2);
  expect(asked.filter((path) => path !== "/jwks")).toHaveLength(1);
  // The flood doesn't make valid tokens fail.
  expect((await tokens.verify(await tokenWith())).user.id).toBe("ana");
});

describe("when the issuer changes its keys", () => {
  /** A second key and a token signed with it. */
  async function nextKey() {
    const pair = await generateKeyPair("ES256");
    const key = { ...(await exportJWK(pair.publicKey)), kid: "key-2", alg: "ES256", use: "sig" };
    const token = await new SignJWT({ iss: issuer, aud: AUDIENCE, sub: "ana", exp: now() + 3600 })
      .setProtectedHeader({ alg: "ES256", kid: key.kid })
      .sign(pair.privateKey);
    return { key, token };
  }

  /** Runs a test with a fake clock, but with real timers, which the fetches need. */
  async function withClock(run: (later: (ms: number) => void) => Promise<void>): Promise<void> {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await run((ms) => vi.setSystemTime(Date.now() + ms));
    } finally {
      vi.useRealTimers();
    }
  }

  test("a token signed with the new key is accepted after one more fetch, and one signed with the old key still is", () =>
    withClock(async (later) => {
      const tokens = verifier();
      const old = await tokenWith({ exp: now() + 3600 });
      await tokens.verify(old);
      const { key, token } = await nextKey();
      published = [...keys, key];
      later(31_000);
      expect((await tokens.verify(token)).user.id).toBe("ana");
      expect((await tokens.verify(old)).user.id).toBe("ana");
      expect(asked.filter((path) => path === "/jwks")).toHaveLength(2);
    }));

  test("a token signed with a withdrawn key is refused at most 10 minutes later", () =>
    withClock(async (later) => {
      const tokens = verifier();
      const old = await tokenWith({ exp: now() + 3600 });
      await tokens.verify(old);
      published = [(await nextKey()).key];
      later(10 * 60_000 + 1_000);
      expect(await errorOf(tokens.verify(old))).toBeInstanceOf(TokenRefused);
    }));
});

describe("a failure of the issuer isn't blamed on the token", () => {
  test("nothing listens at the issuer's address", async () => {
    const nobody = await unusedAddress();
    const token = await tokenWith({ iss: nobody });
    const error = await errorOf(verifier({ issuer: nobody }).verify(token));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(TokenRefused);
  });

  test("its configuration is another issuer's", async () => {
    claimedIssuer = "https://another.example";
    const error = await errorOf(verifier().verify(await tokenWith()));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(TokenRefused);
    expect(asked).not.toContain("/jwks");
  });

  test("the issuer is used again once it answers, without a new verifier", async () => {
    // Both clocks move, so it doesn't matter which one the verifier uses for its pause.
    vi.useFakeTimers({ toFake: ["setTimeout", "Date", "performance"] });
    try {
      const tokens = verifier();
      claimedIssuer = "https://another.example";
      expect(await errorOf(tokens.verify(await tokenWith()))).not.toBeInstanceOf(TokenRefused);
      claimedIssuer = undefined;
      await vi.advanceTimersByTimeAsync(10_000);
      expect((await tokens.verify(await tokenWith())).user.id).toBe("ana");
    } finally {
      vi.useRealTimers();
    }
  });

  // An execution environment is frozen between two events: no timer fires, and the next event is handled before overdue
  // timers.
  test("the issuer is used again by an environment that was frozen in the meantime", async () => {
    const tokens = verifier();
    const token = await tokenWith();
    claimedIssuer = "https://another.example";
    expect(await errorOf(tokens.verify(token))).not.toBeInstanceOf(TokenRefused);
    claimedIssuer = undefined;
    // Nothing may be awaited here, because the event loop must not turn.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500);
    expect((await tokens.verify(token)).user.id).toBe("ana");
  });

  test("the issuer isn't flooded while its keys can't be loaded", async () => {
    const tokens = verifier();
    const token = await tokenWith();
    keysFail = true;
    for (let round = 0; round < 100; round++) {
      expect(await errorOf(tokens.verify(token))).not.toBeInstanceOf(TokenRefused);
    }
    expect(asked.filter((path) => path === "/jwks").length).toBeLessThanOrEqual(20);
  });

  test.each<[what: string, status: number, body: string]>([
    ["fail", 500, "oops"],
    ["aren't JSON", 200, "<html>"],
    ["aren't a key set", 200, "{}"],
  ])("its keys %s", async (_, status, body) => {
    const faulty = createServer((request, response) => {
      if (request.url === "/jwks") return void response.writeHead(status).end(body);
      response.end(JSON.stringify({ issuer: address, jwks_uri: `${address}/jwks` }));
    });
    await new Promise<void>((resolve) => faulty.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(faulty.address() as AddressInfo).port}`;
    try {
      const error = await errorOf(verifier({ issuer: address }).verify(await tokenWith({ iss: address })));
      expect(error).not.toBeInstanceOf(TokenRefused);
    } finally {
      faulty.closeAllConnections();
      faulty.close();
    }
  });
});

async function unusedAddress(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return `http://127.0.0.1:${port}`;
}
