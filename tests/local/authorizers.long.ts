/** Tests routes of HTTP and REST APIs that require an authorizer, a token or a signature, with the test's own clock. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cloud } from "../../local/cloud.ts";
import { operatorOf } from "../../local/identity/operator.ts";
import type { Report } from "../../local/report.ts";
import { signedGet } from "./signedGet.ts";
import { startProgram } from "./startProgram.ts";
import { TestClock } from "./testClock.ts";

const clock = new TestClock();
let cloud: Cloud;
let reports: Report[];
let outputs: Record<string, unknown>;

beforeAll(async () => {
  const folder = fileURLToPath(new URL("../programs/guardedApis", import.meta.url));
  const started = await startProgram(folder, "../../../tsconfig.pulumi.json", clock);
  ({ cloud, reports } = started);
  ({ outputs } = await started.deployed);
});
afterAll(() => cloud.stop());

interface Asked {
  authorization?: string;
  tenant?: string;
}

async function ask(
  api: "http" | "rest" | "written" | "writtenHttp",
  name: string,
  { authorization, tenant }: Asked = {},
) {
  const query = tenant === undefined ? "" : `?tenant=${tenant}`;
  const response = await fetch(`${outputs[`${api}Url`]}/${name}${query}`, {
    headers: authorization === undefined ? {} : { Authorization: authorization },
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

/** The log lines under this key. Each authorizer function logs one for each request that it receives. */
const asked = (name: "asked" | "decided") =>
  reports.flatMap((report) => (report.event === "log" && report.line.includes(`{"${name}"`) ? [report.line] : []));

/** A token of the local issuer. */
async function tokenFor(fields: object): Promise<string> {
  const response = await fetch(`${cloud.issuerUrl}/.well-known/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user: "ali", audience: outputs.clientId, ...fields }),
  });
  return ((await response.json()) as { token: string }).token;
}

describe("a function that decides for an HTTP API", () => {
  it("allows requests by answering true, and its context reaches the route's function", async () => {
    const { status, body } = await ask("http", "simple", { authorization: "open sesame" });
    expect([status, body]).toEqual([200, { lambda: { user: "ali", age: 30 } }]);
  });

  it("isn't invoked without its identity sources, or while its answer is cached", async () => {
    expect(await ask("http", "simple")).toMatchObject({ status: 401, body: { message: "Unauthorized" } });
    const before = asked("asked").length;
    for (const _ of [1, 2]) {
      expect(await ask("http", "simple", { authorization: "guess" })).toMatchObject({
        status: 403,
        body: { message: "Forbidden" },
      });
    }
    expect(asked("asked")).toHaveLength(before + 1);
    clock.advance(60_000);
    await ask("http", "simple", { authorization: "guess" });
    expect(asked("asked")).toHaveLength(before + 2);
  });

  it("allows requests by answering with a policy, in the older format", async () => {
    expect(await ask("http", "policy", { authorization: "ali" })).toMatchObject({
      status: 200,
      body: { lambda: { token: "ali", number: 7 } },
    });
    expect(asked("decided").at(-1)).toMatch(/\["REQUEST","arn:aws:execute-api:[^"]+\/\$default\/GET\/policy","ali"\]/);
    expect((await ask("http", "policy", { authorization: "deny" })).status).toBe(403);
    expect((await ask("http", "policy", { authorization: "nobody" })).status).toBe(401);
  });

  it("denies requests if it fails, answers neither true nor false, has no lambda.Permission or isn't known", async () => {
    const failing = { status: 500, body: { message: "Internal Server Error" } };
    expect(await ask("http", "policy", { authorization: "broken" })).toMatchObject(failing);
    expect(await ask("http", "simple", { authorization: "odd" })).toMatchObject(failing);
    expect(await ask("http", "unpermitted", { authorization: "x" })).toMatchObject(failing);
    expect((await ask("http", "unknown", { authorization: "x" })).status).toBe(403);
    const whys = reports.flatMap((report) => (report.event === "refused" ? [report.why] : []));
    expect(whys.join("\n")).toContain("isAuthorized is neither true nor false");
    expect(reports).toContainEqual(expect.objectContaining({ event: "failure", errorMessage: "no database" }));
  });
});

describe("a function that decides for a REST API", () => {
  it("gets a token, and its cached policy also applies to the next method", async () => {
    expect(await ask("rest", "token", { authorization: "ali" })).toMatchObject({
      status: 200,
      body: { principalId: "user", token: "ali", number: "7" },
    });
    expect(asked("decided").at(-1)).toMatch(/\["TOKEN","arn:aws:execute-api:[^"]+\/prod\/GET\/token","ali"\]/);
    // The authorizer's policy covers only the first method, which is a common mistake with the same effect on AWS.
    expect(await ask("rest", "other", { authorization: "ali" })).toMatchObject({
      status: 403,
      body: { Message: "User is not authorized to access this resource" },
    });
    clock.advance(300_000);
    expect((await ask("rest", "other", { authorization: "ali" })).status).toBe(200);
  });

  it("refuses as API Gateway does", async () => {
    const cases: [Asked, status: number, body: object][] = [
      [{}, 401, { message: "Unauthorized" }],
      [{ authorization: "UPPER" }, 401, { message: "Unauthorized" }],
      [{ authorization: "nobody" }, 401, { message: "Unauthorized" }],
      [{ authorization: "broken" }, 500, { message: null }],
      [
        { authorization: "deny" },
        403,
        { Message: "User is not authorized to access this resource with an explicit deny" },
      ],
    ];
    for (const [request, status, body] of cases) {
      expect(await ask("rest", "token", request)).toMatchObject({ status, body });
    }
  });

  it("gets the request only if all identity sources are present", async () => {
    expect((await ask("rest", "request", { authorization: "ali" })).status).toBe(401);
    const { status, body } = await ask("rest", "request", { authorization: "ali", tenant: "t" });
    expect([status, body]).toMatchObject([200, { principalId: "user", token: "ali" }]);
    expect(asked("decided").at(-1)).toContain('["REQUEST",');
  });
});

describe("a token", () => {
  it("of the program's user pool is accepted by an HTTP API, and the function gets its claims", async () => {
    const token = await tokenFor({});
    for (const authorization of [token, `Bearer ${token}`]) {
      const { status, body } = await ask("http", "jwt", { authorization });
      expect([status, body]).toMatchObject([
        200,
        { jwt: { claims: { sub: "ali", aud: outputs.clientId }, scopes: null } },
      ]);
    }
  });

  it("that is for another audience, has expired, or was signed with another key is refused", async () => {
    for (const fields of [{ audience: "other" }, { expiresIn: -10 }, { key: "other" }]) {
      const { status, body, headers } = await ask("http", "jwt", { authorization: await tokenFor(fields) });
      expect([fields, status, body]).toEqual([fields, 401, { message: "Unauthorized" }]);
      expect(headers.get("www-authenticate")).toContain("invalid_token");
    }
    for (const authorization of ["", "nonsense", "Bearer a.b.c"]) {
      expect((await ask("http", "jwt", { authorization })).status).toBe(401);
    }
  });

  it("needs one of the scopes that a route asks for", async () => {
    const scoped = async (scope: string) => {
      const body = new URLSearchParams({ grant_type: "client_credentials", scope, aud: String(outputs.clientId) });
      const response = await fetch(`${cloud.issuerUrl}/.well-known/oauth2/token`, { method: "POST", body });
      const { access_token } = (await response.json()) as { access_token: string };
      return ask("http", "scoped", { authorization: `Bearer ${access_token}` });
    };
    expect(await scoped("other write")).toMatchObject({ status: 200, body: { jwt: { scopes: ["other", "write"] } } });
    const refused = await scoped("other");
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
      403,
      'Bearer error="insufficient_scope"',
    ]);
  });

  it("of the program's user pool is accepted by a REST API", async () => {
    expect(await ask("rest", "people", { authorization: await tokenFor({}) })).toMatchObject({
      status: 200,
      body: { claims: { sub: "ali", token_use: "id" } },
    });
    expect(await ask("rest", "people", { authorization: await tokenFor({ key: "other" }) })).toMatchObject({
      status: 401,
      body: { message: "Unauthorized" },
    });
    expect(await ask("rest", "people", { authorization: await tokenFor({ expiresIn: -10 }) })).toMatchObject({
      status: 401,
      body: { message: "The incoming token has expired" },
    });
  });
});

describe("a signature", () => {
  it("is accepted by a route that requires one, if the policies allow the caller", async () => {
    const { credentials, region } = operatorOf(cloud);
    const role = [...cloud.roles.values()].find(({ name }) => name.startsWith("hello"));
    if (role === undefined) throw new Error("the function hello has no role");
    const powerless = cloud.access.sessions.credentialsOf({ role: { ...role, policies: new Map() }, session: "x" });
    for (const api of ["http", "rest"] as const) {
      const url = new URL(`${outputs[`${api}Url`]}/signed`);
      const send = async (keys: typeof credentials) =>
        (await signedGet(url, { service: "execute-api", region, credentials: keys })).status;
      expect([api, (await ask(api, "signed")).status]).toEqual([api, 403]);
      expect([api, await send(credentials)]).toEqual([api, 200]);
      expect([api, await send({ ...credentials, secretAccessKey: "wrong" })]).toEqual([api, 403]);
      expect([api, await send(powerless)]).toEqual([api, 403]);
    }
  });

  it("doesn't open a route that requires an API key", async () => {
    const url = new URL(`${outputs.restUrl}/keyed`);
    const { credentials, region } = operatorOf(cloud);
    expect((await signedGet(url, { service: "execute-api", region, credentials })).status).toBe(403);
  });
});

describe("an API defined by an OpenAPI document", () => {
  it("has the document's routes and authorizers", async () => {
    expect(await ask("written", "open/1")).toMatchObject({ status: 200, body: null });
    expect((await ask("written", "guarded")).status).toBe(401);
    expect(await ask("written", "guarded", { authorization: "ali" })).toMatchObject({
      status: 200,
      body: { principalId: "user", token: "ali" },
    });
    for (const name of ["keyed", "strange", "missing"]) {
      expect([name, (await ask("written", name, { authorization: "ali" })).status]).toEqual([name, 403]);
    }
    const mocked = await fetch(`${outputs.writtenUrl}/mock`, { method: "OPTIONS" });
    expect([mocked.status, mocked.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
  });

  it("may be an HTTP API, defined in YAML", async () => {
    expect((await ask("writtenHttp", "jwt")).status).toBe(401);
    expect(await ask("writtenHttp", "jwt", { authorization: await tokenFor({}) })).toMatchObject({
      status: 200,
      body: { jwt: { claims: { sub: "ali" } } },
    });
  });
});
