/** Tests that the real engine, or the program on it, refuses invalid settings and names before anything is created. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SKIPPED, Workspace } from "./workspace.ts";

if (SKIPPED !== undefined) console.warn(SKIPPED);

describe.skipIf(SKIPPED !== undefined)("a preview", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.make();
    for (const stack of ["Alice", "my_stack", "pr.12", "aws-test"]) {
      await cp(join(workspace.folder, "Pulumi.dev.yaml"), join(workspace.folder, `Pulumi.${stack}.yaml`));
      await workspace.pulumi("stack", "init", stack);
    }
    await workspace.pulumi("stack", "init", "dev");
  });
  afterAll(() => workspace?.end());

  test.each(["Alice", "my_stack", "pr.12", "aws-test"])("refuses the stack %s because of its name", async (stack) => {
    const { code, said, steps } = await workspace.operate("preview", stack);
    expect(code).not.toBe(0);
    expect(said).toContain(`the stack is named "${stack}", and AWS would refuse this in the names of its resources`);
    expect(steps.filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
  });

  test.each([
    ["memory", "lots", /memory' must be of type 'integer'/],
    ["memory", "64", /"chat:memory" is "64"; it must be a whole number from 128 to 10240/],
    ["memory-mb", "1024", /there is no configuration key "chat:memory-mb": did you mean "chat:memory"\?/],
  ])("refuses the setting %s: %s", async (key, value, says) => {
    await workspace.pulumi("config", "set", key, value, "--stack", "dev");
    const { code, said, steps } = await workspace.operate("preview", "dev");
    await workspace.pulumi("config", "rm", key, "--stack", "dev");
    expect(code).not.toBe(0);
    expect(said).toMatch(says);
    expect(steps.filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
  });

  test("accepts settings as text, which is how `pulumi config set` saves them", async () => {
    for (const [key, value] of Object.entries({ memory: "1024", protectData: "true", lobby: "hall" }))
      await workspace.pulumi("config", "set", key, value, "--stack", "dev");
    const { code, steps } = await workspace.operate("preview", "dev");
    expect(code).toBe(0);
    const ping = steps.find(({ type, name }) => type === "aws:lambda/function:Function" && name === "ping");
    expect(ping?.inputs.memorySize).toBe(1024);
  });
});
