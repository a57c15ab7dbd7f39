/** Tests the audit trail on the real Pulumi engine, with stand-ins for the aws and awsx plugins. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SKIPPED, Workspace } from "./workspace.ts";

if (SKIPPED !== undefined) console.warn(SKIPPED);

describe.skipIf(SKIPPED !== undefined)("the audit trail", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await Workspace.make();
    await workspace.pulumi("stack", "init", "dev");
  });
  afterAll(() => workspace?.end());

  const trail = (...args: string[]) => ["--config", "chat:auditTrail=true", "--config", "chat:page=false", ...args];

  test("is created with a bucket that only this trail can write to, and a second `pulumi up` changes nothing", async () => {
    const { code, said, steps } = await workspace.operate("up", "dev", ...trail());
    expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
    const ofAudit = steps.filter(({ urn }) => urn.includes("chat:index:AuditTrail"));
    expect(ofAudit.map(({ type }) => type)).toContain("awsx:cloudtrail:Trail");
    const inputsOf = (type: string) => ofAudit.find((step) => step.type === type)?.inputs ?? {};
    const bucket = "chat-dev-audit-123456789012-eu-central-1";
    expect(inputsOf("aws:cloudtrail/trail:Trail")).toMatchObject({
      name: "chat-dev-audit",
      s3BucketName: bucket,
      enableLogFileValidation: true,
      isMultiRegionTrail: true,
    });
    const statements = JSON.parse(inputsOf("aws:s3/bucketPolicy:BucketPolicy").policy).Statement;
    for (const { Principal, Condition } of statements.slice(0, 2)) {
      expect(Principal).toEqual({ Service: "cloudtrail.amazonaws.com" });
      expect(Condition.StringEquals["aws:SourceArn"]).toBe(
        "arn:aws:cloudtrail:eu-central-1:123456789012:trail/chat-dev-audit",
      );
    }
    const again = await workspace.operate("up", "dev", ...trail("--expect-no-changes"));
    expect({ code: again.code, said: again.code === 0 ? "" : again.said }).toEqual({ code: 0, said: "" });
  }, 240_000);

  test("violates no mandatory policy", async () => {
    const { code, violations } = await workspace.npmRun("preview", "--stack", "dev", ...trail());
    expect(code).toBe(0);
    expect(violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory")).toEqual([]);
  }, 120_000);

  test("is the only part of a stack that needs the awsx plugin", async () => {
    const other = await Workspace.make();
    await rm(join(other.stateFolder, "../bin/pulumi-resource-awsx"));
    await other.pulumi("stack", "init", "dev");
    const { code, said } = await other.operate("preview", "dev", "--config", "chat:page=false");
    expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
    await other.end();
  }, 120_000);
});
