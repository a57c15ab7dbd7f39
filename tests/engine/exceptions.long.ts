/** Tests exceptions that a program declares next to its resources, on the real engine. */
import { cp, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SKIPPED, Workspace } from "./workspace.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

if (SKIPPED !== undefined) console.warn(SKIPPED);

describe.skipIf(SKIPPED !== undefined)("an exception in code", () => {
  let workspace: Workspace;
  let config: string;

  beforeAll(async () => {
    workspace = await Workspace.make();
    workspace.folder = join(workspace.folder, "../excepted");
    config = join(workspace.folder, "policies.json");
    await cp(join(ROOT, "tests/programs/excepted"), workspace.folder, { recursive: true });
    await writeFile(config, JSON.stringify({ settings: { account: "123456789012" } }));
    for (const file of ["tsconfig.json", "tsconfig.pulumi.json"])
      await cp(join(ROOT, file), join(workspace.folder, file));
    await symlink(join(ROOT, "node_modules"), join(workspace.folder, "node_modules"));
    await workspace.pulumi("stack", "select", "--create", "dev");
  }, 120_000);
  afterAll(() => workspace?.end());

  async function preview(given: Record<string, string> = {}) {
    // Pulumi saves what --config sets in the stack's file, so each preview sets every key.
    const defaults = {
      until: "2999-12-31",
      rule: "wildcard-action",
      fixed: "false",
      inComponent: "false",
      another: "false",
    };
    const set = Object.entries({ ...defaults, ...given }).flatMap(([key, value]) => [
      "--config",
      `excepted:${key}=${value}`,
    ]);
    const pack = ["--policy-pack", join(ROOT, "policy"), "--policy-pack-config", config];
    const { code, violations, said } = await workspace.operate("preview", "dev", ...set, ...pack);
    const found = violations.filter(({ policyName }) => policyName !== "summary");
    return {
      code,
      said,
      found: found.map(
        ({ policyName, enforcementLevel, resourceUrn }) =>
          `${enforcementLevel} ${policyName} ${resourceUrn.split("::").at(-1)}`,
      ),
      messages: found.map(({ message }) => message),
      summary: violations.filter(({ policyName }) => policyName === "summary").map(({ message }) => message),
    };
  }

  test("keeps its finding from stopping the update, and is named in the summary", async () => {
    const { code, found, summary } = await preview();
    expect({ code, found }).toEqual({ code: 0, found: [] });
    expect(summary.join()).toContain("1 excepted. In use: the exception from wildcard-action for partners");
    expect(summary.join()).toContain("until the queue has its own role, until 2999-12-31");
  }, 120_000);

  test("covers its own resource only", async () => {
    const { code, found } = await preview({ another: "true" });
    expect(code).not.toBe(0);
    expect(found).toEqual(["mandatory wildcard-action another"]);
  }, 120_000);

  test("covers the children of a component", async () => {
    expect(await preview({ inComponent: "true" })).toMatchObject({ code: 0, found: [] });
  }, 120_000);

  test("no longer hides its finding once it has ended", async () => {
    const { code, found, messages } = await preview({ until: "2026-01-01" });
    expect(code).not.toBe(0);
    expect(found).toEqual(["mandatory wildcard-action partners"]);
    expect(messages[0]).toContain('has ended: fix the finding, or set "until" to a later date');
  }, 120_000);

  test("is reported when it covers nothing", async () => {
    const { code, summary } = await preview({ fixed: "true" });
    expect(code).toBe(0);
    expect(summary.join()).toContain("covers nothing: remove it");
  }, 120_000);

  test("is rejected for a rule that doesn't exist", async () => {
    const { code, said } = await preview({ rule: "wildcard-actions" });
    expect(code).not.toBe(0);
    expect(said).toContain('an exception for the rule "wildcard-actions"');
  }, 120_000);
});
