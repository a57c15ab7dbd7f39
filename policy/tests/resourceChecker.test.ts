/** Statements that a component passes on are reported once, at the component. */
import { describe, expect, test } from "vitest";
import { ResourceChecker } from "../pack/resourceChecker.ts";
import { UNKNOWN } from "../resources/unknown.ts";
import { catalog } from "./catalog.ts";
import { type Registered, role, rolePolicy, stackOf } from "./resources.ts";
import { ACCOUNT, allow } from "./statements.ts";

const EXACT = allow("sqs:SendMessage", `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`);
const WIDE = allow("sqs:*", `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`);
const component = (statements?: unknown): Registered => ({
  type: "acme:index:Service",
  name: "service",
  props: statements === undefined ? {} : { statements },
});
const unknownPolicy: Registered = {
  type: "aws:iam/rolePolicy:RolePolicy",
  name: "grants",
  props: { role: "app", policy: UNKNOWN },
};

/** Findings and unknown documents of the resources, which are checked in the given order, as they are by the engine. */
function formatFinding(...resources: Registered[]): string[] {
  const checker = new ResourceChecker(catalog);
  return stackOf(resources).flatMap((resource) => {
    const { findings, unknown } = checker.check(resource, { account: ACCOUNT });
    return [
      ...findings.map(({ rule }) => `${rule} at ${resource.name}`),
      ...unknown.map(({ path }) => `unknown ${path} at ${resource.name}`),
    ];
  });
}

describe("statements that a component hands over", () => {
  test("are reported for the component, and not again for the document that the component creates from them", () => {
    expect(formatFinding(component([WIDE]), { ...rolePolicy("grants", "app", WIDE), within: "service" })).toEqual([
      "wildcard-action at service",
    ]);
  });

  test("stand in for a document that isn't known yet", () => {
    expect(formatFinding(component([EXACT]), { ...unknownPolicy, within: "service" })).toEqual([]);
  });

  test("don't stand in for a document's additional statements", () => {
    expect(
      formatFinding(component([EXACT]), { ...rolePolicy("grants", "app", EXACT, WIDE), within: "service" }),
    ).toEqual(["wildcard-action at grants"]);
  });

  test("don't stand in for documents of another kind", () => {
    const taken = { ...role("app", { assumeRolePolicy: UNKNOWN }), within: "service" };
    expect(formatFinding(component([EXACT]), taken)).toEqual(["unknown assumeRolePolicy at app"]);
  });

  test("don't stand in for documents outside of the component", () => {
    expect(formatFinding(component([EXACT]), unknownPolicy)).toEqual(["unknown policy at grants"]);
  });
});

test("a component that hands no statements over has no effect on the documents that it creates", () => {
  expect(formatFinding(component(), { ...unknownPolicy, within: "service" })).toEqual(["unknown policy at grants"]);
});
