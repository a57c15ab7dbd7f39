/** Takes a stack that expires from `npm run stack -- new` to the sweep, on the real Pulumi CLI. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { smallWorkspace } from "./smallProgram.ts";
import { SKIPPED, type Workspace } from "./workspace.ts";

if (SKIPPED !== undefined) console.warn(SKIPPED);

describe.skipIf(SKIPPED !== undefined)("a stack that expires", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await smallWorkspace();
    await workspace.putCommand("gh", `echo '{"state":"MERGED","labels":[]}'`);
  });
  afterAll(() => workspace?.end());

  test("is destroyed by the sweep, from its state alone; a stack without a ttl is kept", async () => {
    const made = await workspace.stackCommand("new", "pr-12", "--ttl", "48h", "--set", "page=false");
    expect(made.code, made.said).toBe(0);
    const up = await workspace.npmRun("up", "--stack", "pr-12", "--yes", "--skip-preview");
    expect(workspace.account.all(), up.said).toHaveLength(5);
    await workspace.pulumi("stack", "init", "pr-13");

    const early = await workspace.stackCommand("sweep", "--yes");
    expect({ code: early.code, left: workspace.account.all().length }, early.said).toEqual({ code: 0, left: 5 });

    // The stack's file exists where the stack was created, but not where the sweep runs.
    await rm(join(workspace.folder, "Pulumi.pr-12.yaml"));
    const listed = await workspace.stackCommand("list");
    expect(listed.said).toMatch(/^pr-12 .* 48h .*in 4[78]h/m);
    const swept = await workspace.stackCommand("sweep", "--yes", "--pull-requests");

    expect({ code: swept.code, left: workspace.account.all() }, swept.said).toEqual({ code: 0, left: [] });
    const stacks = JSON.parse(await workspace.pulumi("stack", "ls", "--json")) as { name: string }[];
    expect(stacks.map(({ name }) => name)).toEqual(["pr-13"]);
  });
});
