/** Tests the reports that other tools read: SARIF, JUnit and JSON. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv";
import { describe, expect, test } from "vitest";
import { checkResource } from "../checkStack.ts";
import { reportAs } from "../reports/report.ts";
import type { Settings } from "../settings.ts";
import { triage } from "../triage.ts";
import { catalog } from "./catalog.ts";
import { registered, rolePolicy } from "./resources.ts";
import { ACCOUNT, allow } from "./statements.ts";

const QUEUE = `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`;
const resource = registered(
  rolePolicy(
    'a <b> & "c"',
    "app",
    allow("sqs:*", QUEUE, { Sid: "All" }),
    allow("sns:*", QUEUE),
    allow("s3:GetObject", "arn:aws:s3:::orders-*/*"),
    allow("sqs:Get*", QUEUE),
  ),
);
const { findings } = checkResource(resource, { account: ACCOUNT }, catalog);
const settings: Settings = {
  exceptions: [{ rule: "wildcard-action", statement: "All", reason: "a migration", until: "2999-12-31" }],
};
const triaged = triage(findings, settings, new Date());

describe("SARIF", () => {
  test.each([
    ["findings with every outcome", triaged],
    ["no findings", []],
  ])("is valid for %s", (_, given) => {
    const file = createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    const ajv = new Ajv({ schemaId: "auto", meta: false, unknownFormats: "ignore" });
    ajv.addMetaSchema(
      JSON.parse(readFileSync(createRequire(file).resolve("ajv/lib/refs/json-schema-draft-04.json"), "utf8")),
    );
    const isValid = ajv.validate(JSON.parse(readFileSync(file, "utf8")), JSON.parse(reportAs("sarif", given)));
    expect({ isValid, errors: ajv.errors }).toEqual({ isValid: true, errors: null });
  });

  test("has a level for each outcome, a suppression for an exception and a stable fingerprint", () => {
    const { results } = JSON.parse(reportAs("sarif", triaged)).runs[0];
    const byLevel = results.map(({ ruleId, level }: { ruleId: string; level: string }) => `${ruleId} ${level}`);
    expect(byLevel).toContain("wildcard-action error");
    expect(byLevel).toContain("wildcard-action note");
    expect(byLevel).toContain("partial-wildcard-action warning");
    const excepted = results.find(({ suppressions }: { suppressions?: unknown }) => suppressions !== undefined);
    expect(excepted.suppressions).toEqual([{ kind: "external", status: "accepted", justification: "a migration" }]);
    expect(excepted.partialFingerprints["statementHash/v1"]).toMatch(
      /^wildcard-action:aws:iam\/rolePolicy:RolePolicy::.*:[0-9a-f]{12}$/,
    );
  });
});

describe("JUnit", () => {
  const text = reportAs("junit", triaged);

  test("counts findings that stop the preview as failures and the rest as skipped", () => {
    const stops = triaged.filter(({ outcome }) => outcome === "stops").length;
    expect(text).toContain(`tests="${triaged.length}" failures="${stops}"`);
    expect(text.match(/<failure /g)).toHaveLength(stops);
    expect(text.match(/<skipped /g)).toHaveLength(triaged.length - stops);
  });

  test("escapes names", () => {
    expect(text).toContain("a &lt;b&gt; &amp; &quot;c&quot;");
    expect(text).not.toContain("<b>");
  });
});

test("JSON has the findings with their outcome, hash and fix, and a summary", () => {
  const { summary, findings: reported } = JSON.parse(reportAs("json", triaged));
  expect(summary.stops + summary.advises + summary.baseline + summary.excepted).toBe(reported.length);
  expect(reported[0]).toMatchObject({
    rule: expect.any(String),
    outcome: expect.stringMatching(/^(stops|advises|baseline|excepted)$/),
    hash: expect.stringMatching(/^[0-9a-f]{12}$/),
    resource: { name: 'a <b> & "c"', type: "aws:iam/rolePolicy:RolePolicy" },
  });
});
