import { describe, expect, test } from "vitest";
import { formatFinding } from "../pack/formatFinding.ts";
import { allow } from "./statements.ts";

const FINDING = { rule: "wide-resource", severity: "medium", message: "it is wide" } as const;

describe("a finding is told", () => {
  test("by Sid and place, with what is to be pasted and where it is explained", () => {
    const fix = allow("s3:GetObject", "arn:aws:s3:::NAME/NAME");
    expect(
      formatFinding({ ...FINDING, fix, statement: { sid: "Reading", index: 3 }, path: "inlinePolicies[0].policy" }),
    ).toBe(
      [
        'statement "Reading" of inlinePolicies[0].policy: it is wide',
        `  paste: ${JSON.stringify(fix)}`,
        "  why:   docs/policy/wide-resource.md",
      ].join("\n"),
    );
  });

  test.each([
    [
      "a statement without Sid, by its place",
      { statement: { index: 2 }, path: "policy" },
      "statement 2 of policy: it is wide",
    ],
    [
      "a statement with an empty Sid, by its place",
      { statement: { sid: "", index: 2 }, path: "policy" },
      "statement 2 of policy: it is wide",
    ],
    ["a Sid with quotes, quoted", { statement: { sid: 'a"b', index: 2 } }, 'statement "a\\"b": it is wide'],
    ["a document, by its place", { path: "policy" }, "policy: it is wide"],
    ["a resource, by nothing: Pulumi names it", {}, "it is wide"],
  ])("for %s", (_, where, first) => {
    expect(formatFinding({ ...FINDING, fix: "", ...where }).split("\n")[0]).toBe(first);
  });

  test("with advice as what is to be done", () => {
    expect(formatFinding({ ...FINDING, fix: "name it" })).toContain("\n  do:    name it\n");
  });

  test("with a long fix cut", () => {
    const lines = formatFinding({ ...FINDING, fix: { Action: "a".repeat(10_000) } }).split("\n");
    expect(lines[1]?.length).toBeLessThan(2_100);
    expect(lines[1]?.endsWith("…")).toBe(true);
    expect(lines).toHaveLength(3);
  });
});
