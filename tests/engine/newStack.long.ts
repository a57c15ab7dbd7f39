/** Takes a stack from its first preview to its end with the real Pulumi engine, against a stand-in for AWS. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLocalCloud } from "../localCloud.ts";
import { previewStack } from "../program/stack.ts";
import { unmetReferences } from "./references.ts";
import { UNKNOWN } from "./standIn/provider.ts";
import { type Ended, SKIPPED, Workspace } from "./workspace.ts";

if (SKIPPED !== undefined) console.warn(SKIPPED);

describe.skipIf(SKIPPED !== undefined)("on the engine", () => {
  const workspaces = {} as Record<"dev" | "prod", Workspace>;
  const previews = {} as Record<"dev" | "prod", Ended>;

  beforeAll(async () => {
    const preview = async (stack: "dev" | "prod") => {
      workspaces[stack] = await Workspace.make();
      previews[stack] = await workspaces[stack].npmRun("preview", "--stack", stack);
    };
    await Promise.all([preview("dev"), preview("prod")]);
  }, 120_000);

  afterAll(async () => {
    for (const workspace of Object.values(workspaces)) await workspace.end();
  });

  describe.each(["dev", "prod"] as const)("the preview of a new stack %s", (stack) => {
    test("creates everything", () => {
      const { code, steps, said } = previews[stack];
      expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
      expect(steps.filter(({ op }) => op !== "create")).toEqual([]);
    });

    test("knows every document, except those about resources that AWS names", () => {
      const documents = previews[stack].steps.flatMap(({ type, name, inputs }) => {
        if (type === "aws:iam/role:Role") return [[name, inputs.assumeRolePolicy]];
        return type === "aws:iam/rolePolicy:RolePolicy" ? [[name, inputs.policy]] : [];
      });
      expect(documents.length).toBeGreaterThan(40);
      for (const [name, document] of documents) {
        if (/-api$/.test(name)) expect([name, document]).toEqual([name, UNKNOWN]);
        else expect([name, JSON.parse(document).Version]).toEqual([name, "2012-10-17"]);
      }
    });

    // `npm run preview` uses the policy pack if it has been built.
    test("violates no mandatory policy", () => {
      const { violations } = previews[stack];
      expect(violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory")).toEqual([]);
    });
  });

  test("the engine receives the same resources that the local cloud serves", async () => {
    const { registrations } = await previewStack("prod");
    const served = registrations.filter(({ type }) => !type.startsWith("pulumi:"));
    // A URN contains the types of the resource's parents, so this compares the hierarchy too.
    expect(previews.prod.steps.map(({ urn }) => urn).sort()).toEqual(served.map(({ urn }) => urn).sort());
  }, 60_000);

  test("`pulumi up` creates the stack dev, with the local cloud's outputs and the page's address", async () => {
    const { dev } = workspaces;
    const [{ code, said, steps }, cloud] = await Promise.all([dev.operate("up", "dev"), startLocalCloud()]);
    await cloud.stop();
    expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
    expect(steps.map(({ op, urn }) => `${op} ${urn}`).sort()).toEqual(
      previews.dev.steps.map(({ op, urn }) => `${op} ${urn}`).sort(),
    );
    // The local cloud serves the page itself.
    expect(shapesOf(await dev.outputs("dev"))).toEqual({ ...shapesOf(cloud.outputs), pageUrl: "http:///" });
  }, 120_000);

  test("every resource depends on those that must exist first, and secrets are encrypted", async () => {
    const { resources } = (await workspaces.dev.export("dev")).deployment;
    expect(unmetReferences(resources)).toEqual([]);
    const client = resources.find(({ type }) => type === "aws:cognito/userPoolClient:UserPoolClient");
    expect(client?.outputs?.clientSecret).toHaveProperty("ciphertext");
  }, 60_000);

  test("the state contains no code and no path of this machine", async () => {
    const { resources } = (await workspaces.dev.export("dev")).deployment;
    expect(JSON.stringify(resources).length).toBeLessThan(1_000_000);
    const values = JSON.stringify(resources.map(({ inputs, outputs }) => [inputs, outputs]));
    const paths = [...values.matchAll(/"path":"([^"]+)"/g)].map(([, path]) => path as string);
    const code = paths.filter((path) => path.includes("code"));
    expect(code.length).toBeGreaterThan(40);
    for (const path of code) expect(path).toMatch(/^node_modules\/\.cache\/serverless-chat\/code\/[0-9a-f]{64}\.js$/);
    for (const folder of [workspaces.dev.folder, process.cwd()]) expect(values.includes(folder)).toBe(false);
  }, 60_000);

  test("a second `pulumi up`, from a different folder and with different caches, changes nothing", async () => {
    const { dev } = workspaces;
    await dev.moveTo("elsewhere");
    dev.caches = "../caches";
    const { code, steps } = await dev.operate("up", "dev", "--expect-no-changes");
    expect({ code, changed: steps.filter(({ op }) => op !== "same") }).toEqual({ code: 0, changed: [] });
    expect(steps).toHaveLength(previews.dev.steps.length);
  }, 120_000);

  // The ARNs are known now, so the pack has also checked the documents that the first preview couldn't read.
  test("the policy pack finds nothing in the existing stack", async () => {
    const { violations } = await workspaces.dev.npmRun("preview", "--stack", "dev");
    expect(violations.filter(({ policyName }) => policyName !== "summary")).toEqual([]);
  }, 60_000);

  test("destroy leaves nothing", async () => {
    const { dev } = workspaces;
    const { code } = await dev.npmRun("destroy", "--yes");
    expect({ code, left: dev.account.all().map(({ key }) => key) }).toEqual({ code: 0, left: [] });
    expect((await dev.export("dev")).deployment.resources ?? []).toEqual([]);
  }, 60_000);
});

/**
 * Outputs without what depends on where the stack runs: the `s` of a URL's scheme, the host, and the characters of an
 * id.
 */
function shapesOf(outputs: Record<string, unknown>): Record<string, string> {
  const shapeOf = (output: unknown) => {
    const value = typeof output === "string" ? output : JSON.stringify(output);
    if (!/^(http|ws)s?:/.test(value)) return value.replaceAll(/[a-z]/g, "a").replaceAll(/\d/g, "a");
    const { protocol, pathname } = new URL(value);
    return `${protocol.replace(/^(http|ws)s:/, "$1:")}//${pathname}`;
  };
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, shapeOf(value)]));
}
