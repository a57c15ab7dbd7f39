/** Tests the outcomes of findings: levels, exceptions and the baseline. */
import { describe, expect, test } from "vitest";
import { fixedEntries, recordBaseline } from "../baseline.ts";
import { checkResource } from "../checkStack.ts";
import type { Exception } from "../exceptions.ts";
import type { Settings } from "../settings.ts";
import { staleExceptions, triage } from "../triage.ts";
import { catalog } from "./catalog.ts";
import { rolePolicy, stackOf } from "./resources.ts";
import { ACCOUNT, allow } from "./statements.ts";

const NOW = new Date("2027-01-31T12:00:00Z");
const QUEUE = `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`;
const WILD = allow("sqs:*", QUEUE, { Sid: "Everything" });
const WIDE = allow("sqs:SendMessage", `arn:aws:sqs:eu-central-1:${ACCOUNT}:*`);
const LISTING = allow("lambda:ListTags", "*");

function findingsIn(...statements: object[]) {
  const resources = stackOf([
    { ...rolePolicy("grants", "app", ...statements), within: "service" },
    { type: "acme:index:Service", name: "service", props: {} },
  ]);
  return resources.flatMap((resource) => checkResource(resource, { account: ACCOUNT }, catalog).findings);
}
const outcomes = (settings: Settings, ...statements: object[]) =>
  triage(findingsIn(...statements), settings, NOW).map(({ rule, outcome }) => `${rule} ${outcome}`);
const exception = (more: Partial<Exception>): Settings => ({
  exceptions: [{ rule: "wildcard-action", reason: "a migration", until: "2027-12-31", ...more }],
});

describe("levels", () => {
  test("by default, wide-open grants stop the preview and the rest is advice", () => {
    expect(outcomes({}, WILD, WIDE)).toEqual(["wildcard-action stops", "wide-resource advises"]);
  });

  test("by default, a grant to read every resource is reported only as advice", () => {
    expect(outcomes({}, LISTING)).toEqual(["wildcard-resource advises"]);
  });

  test.each([
    ["strict", ["wildcard-action stops", "wide-resource stops"]],
    ["audit", ["wildcard-action advises", "wide-resource advises"]],
  ] as const)("with the preset %s are the same for all rules", (preset, expected) => {
    expect(outcomes({ preset }, WILD, WIDE)).toEqual(expected);
  });

  test("of a rule override the preset", () => {
    const levels = { "wildcard-action": "disabled", "wide-resource": "mandatory" } as const;
    expect(outcomes({ preset: "audit", levels }, WILD, WIDE)).toEqual(["wide-resource stops"]);
  });

  test("of an access level apply to statements that allow no more than that", () => {
    const settings: Settings = { preset: "strict", accessLevels: { read: "advisory" } };
    expect(outcomes(settings, LISTING, WIDE)).toEqual(["wildcard-resource advises", "wide-resource stops"]);
  });
});

describe("an exception", () => {
  const [{ hash = "" } = {}] = findingsIn(WILD);

  test.each<[string, Partial<Exception>]>([
    ["by rule alone", {}],
    ["by the resource's name", { resource: "grants" }],
    ["by a pattern of the name", { resource: "gr*s" }],
    ["by its URN", { resource: "urn:pulumi:dev::test::aws:iam/rolePolicy:RolePolicy::grants" }],
    ["by type", { type: "aws:iam/*" }],
    ["by the component", { parent: "service" }],
    ["by the statement's Sid", { statement: "Everything" }],
    ["by the statement's hash", { statement: hash }],
    ["on its last day", { until: "2027-01-31" }],
  ])("covers a finding %s", (_, more) => {
    expect(outcomes(exception(more), WILD)).toEqual(["wildcard-action excepted"]);
  });

  test.each<[string, Partial<Exception>]>([
    ["for another rule", { rule: "wide-resource" }],
    ["for another resource", { resource: "grant" }],
    ["for a pattern that needs more text", { resource: "grants*grants" }],
    ["for another type", { type: "aws:iam/role:Role" }],
    ["for another component", { parent: "other" }],
    ["for another statement", { statement: "Other" }],
    ["that has ended", { until: "2027-01-30" }],
  ])("%s doesn't cover the finding", (_, more) => {
    expect(outcomes(exception(more), WILD)).toEqual(["wildcard-action stops"]);
  });

  test("that has ended is named in the finding's note", () => {
    const [finding] = triage(findingsIn(WILD), exception({ until: "2027-01-30" }), NOW);
    expect(finding?.note).toContain(
      '(a migration, until 2027-01-30) has ended: fix the finding, or set "until" to a later date',
    );
  });

  test("doesn't cover a new statement of its resource, and a note on the new finding says so", () => {
    const added = allow("sns:*", `arn:aws:sns:eu-central-1:${ACCOUNT}:orders`);
    const [first, second] = triage(findingsIn(WILD, added), exception({ statement: "Everything" }), NOW);
    expect(first?.outcome).toBe("excepted");
    expect(second?.outcome).toBe("stops");
    expect(second?.note).toContain(`doesn't cover this statement, whose hash is ${second?.hash}`);
  });

  test("is stale once nothing is found at its resource", () => {
    const resources = stackOf([rolePolicy("grants", "app", WIDE)]);
    expect(staleExceptions(findingsIn(WIDE), resources, exception({ resource: "grants" }))).toHaveLength(1);
    expect(staleExceptions(findingsIn(WILD), resources, exception({ resource: "grants" }))).toEqual([]);
    expect(staleExceptions([], resources, exception({ resource: "elsewhere" }))).toEqual([]);
  });
});

describe("a baseline", () => {
  const baseline = recordBaseline(findingsIn(WILD, WIDE), [], new Date("2026-11-28T09:00:00Z"));

  test("keeps recorded findings, but not new ones, from stopping the preview", () => {
    const added = allow("sns:*", `arn:aws:sns:eu-central-1:${ACCOUNT}:orders`);
    expect(outcomes({ preset: "strict", baseline }, WILD, WIDE, added).sort()).toEqual([
      "wide-resource baseline",
      "wildcard-action baseline",
      "wildcard-action stops",
    ]);
  });

  test("recognizes a finding even if other statements were added above it", () => {
    expect(outcomes({ baseline }, allow("sqs:SendMessage", QUEUE), WILD)).toEqual(["wildcard-action baseline"]);
  });

  test("doesn't cover a statement that has become wider", () => {
    expect(outcomes({ baseline }, allow(["sqs:*", "sns:*"], QUEUE, { Sid: "Everything" }))).toContain(
      "wildcard-action stops",
    );
  });

  test("keeps the day of its findings when it is recorded again, and drops those that are fixed", () => {
    const again = recordBaseline(findingsIn(WIDE), baseline, NOW);
    expect(again).toEqual(baseline.filter(({ rule }) => rule === "wide-resource"));
    expect(again.map(({ since }) => since)).toEqual(["2026-11-28"]);
    expect(fixedEntries(findingsIn(WIDE), baseline).map(({ rule }) => rule)).toEqual(["wildcard-action"]);
  });
});
