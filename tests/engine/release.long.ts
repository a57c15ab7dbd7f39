/**
 * Updates a stack that the last release created, with the real Pulumi engine, against a stand-in for AWS.
 *
 * released.jsonl is the state of that stack. Renew it for each release, after these tests have passed and you have
 * increased the version in package.json:
 *
 *   KEEP_RELEASE=1 npm run test:long -- tests/engine/release.long.ts
 */
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { restore, shrink } from "./releasedState.ts";
import { StandIn } from "./standIn/provider.ts";
import { type Ended, SKIPPED, Workspace } from "./workspace.ts";

const RELEASED = new URL("./released.jsonl", import.meta.url);

/** Resources that hold messages, users, log lines and undelivered events. */
const HOLDS_DATA = new Set([
  "aws:dynamodb/table:Table",
  "aws:cognito/userPool:UserPool",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:sqs/queue:Queue",
]);

if (SKIPPED !== undefined) console.warn(SKIPPED);

describe.skipIf(SKIPPED !== undefined)("a stack of the last release", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await Workspace.make();
    await workspace.pulumi("stack", "init", "prod");
  });
  afterAll(() => workspace?.end());

  test.runIf(process.env.KEEP_RELEASE)("is replaced by one of this release, for the tests after it", async () => {
    const fresh = await Workspace.make();
    await fresh.pulumi("stack", "init", "prod");
    const { code } = await fresh.operate("up", "prod");
    expect(code).toBe(0);
    await writeFile(RELEASED, shrink(await fresh.export("prod"), packageJson.version));
    await fresh.end();
  });

  describe("when it is updated", () => {
    let updated: Ended;
    let released: ReturnType<typeof restore>;

    beforeAll(async () => {
      released = restore(await readFile(RELEASED, "utf8"), await workspace.export("prod"));
      const aws = new StandIn(workspace.account);
      for (const { urn, id, type, inputs = {}, outputs = {} } of released.state.deployment.resources) {
        if (type.startsWith("aws:")) aws.adopt(urn, id as string, inputs, outputs);
      }
      await workspace.import("prod", released.state);
      updated = await workspace.operate("up", "prod");
    });

    test("is the stack of the version in package.json; otherwise renew released.jsonl", () => {
      expect(released.release).toBe(packageJson.version);
    });

    test("is updated to the current version", () => {
      expect({ code: updated.code, said: updated.code === 0 ? "" : updated.said }).toEqual({ code: 0, said: "" });
    });

    test("keeps its tables, users, logs and queue", () => {
      const holders = released.state.deployment.resources.filter(({ type }) => HOLDS_DATA.has(type));
      expect(holders.length).toBeGreaterThan(20);
      const fates = new Map(updated.steps.map(({ urn, op }) => [urn, op]));
      const lost = holders.filter(({ urn }) => !["same", "update"].includes(fates.get(urn) ?? "gone"));
      expect(lost.map(({ urn }) => `${fates.get(urn)} ${urn}`)).toEqual([]);
    });

    test("creates no second table, user pool or queue", () => {
      const made = updated.steps.filter(({ op, type }) => HOLDS_DATA.has(type) && op.startsWith("create"));
      // Each new function has a new log group.
      expect(made.filter(({ type }) => type !== "aws:cloudwatch/logGroup:LogGroup")).toEqual([]);
    });

    test("keeps its addresses", async () => {
      const [stack] = released.state.deployment.resources;
      expect(await workspace.outputs("prod")).toMatchObject(stack?.outputs ?? {});
    });
  });
});
