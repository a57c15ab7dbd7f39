/** Tests the policy pack as another team uses it: installed from its package, on their own stack. */
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SKIPPED, Workspace } from "./workspace.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

if (SKIPPED !== undefined) console.warn(SKIPPED);

describe.skipIf(SKIPPED !== undefined)("the pack, installed alone, on a stack that does not exist yet", () => {
  let folder: string;
  let pack: string;
  let workspace: Workspace;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "foreign-"));
    pack = join(folder, "package");
    execFileSync("npm", ["pack", "--pack-destination", folder, "--silent"], { cwd: join(ROOT, "policy") });
    execFileSync("tar", ["-xzf", "serverless-chat-policy-0.1.0.tgz"], { cwd: folder });
    // Packages that `npm install` would install next to the pack.
    await mkdir(join(pack, "node_modules"));
    await symlink(join(ROOT, "node_modules/@pulumi"), join(pack, "node_modules/@pulumi"));
    workspace = await Workspace.make();
    workspace.folder = join(folder, "program");
    await cp(join(ROOT, "tests/programs/foreign"), workspace.folder, { recursive: true });
    for (const file of ["tsconfig.json", "tsconfig.pulumi.json"])
      await cp(join(ROOT, file), join(workspace.folder, file));
    await symlink(join(ROOT, "node_modules"), join(workspace.folder, "node_modules"));
    await workspace.pulumi("stack", "select", "--create", "dev");
  }, 120_000);
  afterAll(async () => {
    await workspace?.end();
    await rm(folder, { recursive: true, force: true });
  });

  async function operate(command: "preview" | "up", config: string[]) {
    // Pulumi saves what --config sets in the stack's file, so each call sets both keys.
    const set = ["wide", "handsOver"].flatMap((key) => ["--config", `foreign:${key}=${config.includes(key)}`]);
    const { code, violations, steps } = await workspace.operate(command, "dev", ...set, "--policy-pack", pack);
    const told = violations.map(({ policyName, enforcementLevel }) => `${enforcementLevel} ${policyName}`);
    return { code, told: [...new Set(told)].sort(), made: steps.map(({ type, name }) => `${type} ${name}`) };
  }

  test("says that a document with unknown parts will be checked at the update, and doesn't stop the preview", async () => {
    expect(await operate("preview", [])).toMatchObject({ code: 0, told: ["advisory unknown-document"] });
  });

  test("says nothing if the document's content is a component's input and every statement is fine", async () => {
    expect(await operate("preview", ["handsOver"])).toMatchObject({ code: 0, told: [] });
  });

  test("stops the preview because of a wide statement, even next to an unknown one, if both are a component's input", async () => {
    const { code, told } = await operate("preview", ["wide", "handsOver"]);
    expect(code).not.toBe(0);
    expect(told).toContain("mandatory wildcard-action");
    expect(told).toContain("mandatory wildcard-resource");
  });

  test("stops the update, before the policy is created, if a wide statement is no component's input", async () => {
    expect(await operate("preview", ["wide"])).toMatchObject({ code: 0, told: ["advisory unknown-document"] });
    const { code, told } = await operate("up", ["wide"]);
    expect(code).not.toBe(0);
    expect(told).toContain("mandatory wildcard-action");
    const { resources } = (await workspace.export("dev")).deployment;
    expect(resources.map(({ type }) => type)).not.toContain("aws:iam/rolePolicy:RolePolicy");
  });
});
