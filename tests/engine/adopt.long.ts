/** Follows docs/policy/adopt.md step by step on another team's stack with findings, with the real engine. */
import { execFileSync } from "node:child_process";
import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SKIPPED, Workspace } from "./workspace.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACK = join(ROOT, "policy");

if (SKIPPED !== undefined) console.warn(SKIPPED);

describe.skipIf(SKIPPED !== undefined)("a team adopts the pack", () => {
  let workspace: Workspace;
  let config: string;

  beforeAll(async () => {
    workspace = await Workspace.make();
    workspace.folder = join(workspace.folder, "../foreign");
    config = join(workspace.folder, "policies.json");
    await cp(join(ROOT, "tests/programs/foreign"), workspace.folder, { recursive: true });
    for (const file of ["tsconfig.json", "tsconfig.pulumi.json"])
      await cp(join(ROOT, file), join(workspace.folder, file));
    await symlink(join(ROOT, "node_modules"), join(workspace.folder, "node_modules"));
    await workspace.pulumi("stack", "select", "--create", "dev");
  }, 120_000);
  afterAll(() => workspace?.end());

  async function operate(command: "preview" | "up") {
    const set = ["--config", "foreign:wide=true", "--config", "foreign:handsOver=false"];
    const pack = ["--policy-pack", PACK, "--policy-pack-config", config];
    const { code, violations } = await workspace.operate(command, "dev", ...set, ...pack);
    const told = violations.map(({ policyName, enforcementLevel }) => `${enforcementLevel} ${policyName}`);
    return { code, told, messages: violations.map(({ message }) => message) };
  }

  test("1: audit stops nothing and reports all findings", async () => {
    const [step] = (await readFile(join(ROOT, "docs/policy/adopt.md"), "utf8")).matchAll(/```json\n([\s\S]*?)```/g);
    await writeFile(config, step?.[1] as string);
    const { code, told, messages } = await operate("up");
    expect(code).toBe(0);
    expect(told).toContain("advisory wildcard-action");
    expect(messages.at(-1)).toMatch(/\d+ findings: 0 stop, \d+ advise/);
  }, 180_000);

  test("2 and 3: with a baseline and the default preset, only a new finding stops the preview", async () => {
    const state = await workspace.pulumi("stack", "export", "--stack", "dev");
    const args = [join(PACK, "dist/cli.mjs"), "baseline", "--config", config, "-"];
    execFileSync(process.execPath, args, { input: state });
    const settings = JSON.parse(await readFile(config, "utf8"));
    delete settings.settings.preset;
    await writeFile(config, JSON.stringify(settings));

    const unchanged = await operate("preview");
    expect(unchanged).toMatchObject({ code: 0 });
    expect(unchanged.messages.some((message) => message.includes("in the baseline since"))).toBe(true);

    await workspace.edit(
      "index.ts",
      'config.getBoolean("wide") ? anything : table,',
      'anything, { ...anything, Action: "sqs:*" },',
    );
    const { code, told } = await operate("preview");
    expect(code).not.toBe(0);
    expect(told).toContain("mandatory wildcard-action");
  }, 180_000);

  test("4: a fixed finding is reported, so that the baseline can shrink", async () => {
    await workspace.edit("index.ts", 'anything, { ...anything, Action: "sqs:*" },', "table,");
    const { code, messages } = await operate("preview");
    expect(code).toBe(0);
    expect(messages.at(-1)).toMatch(/findings of the baseline are fixed/);
  }, 180_000);
});
