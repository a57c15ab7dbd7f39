import { describe, expect, test } from "vitest";
import { formatFinding } from "../pack/formatFinding.ts";
import { allow } from "./statements.ts";

const FINDING = { rule: "wide-resource", severity: "medium", message: "it is wide", hash: "3f2a9c1b7d5e" } as const;
const linkTo = (rule: string) => `docs/policy/${rule}.md`;
const linesOf = (more: object) => formatFinding({ ...FINDING, fix: "name it", ...more }, linkTo).split("\n");

describe("a finding that stops the preview", () => {
  test("names the statement and the property, links to its page, and has the fix to paste on the second line", () => {
    const fix = allow("s3:GetObject", "arn:aws:s3:::NAME/NAME");
    expect(
      linesOf({ fix, outcome: "stops", statement: { sid: "Reading", index: 3 }, path: "inlinePolicies[0].policy" }),
    ).toEqual([
      'statement "Reading" of inlinePolicies[0].policy: it is wide (docs/policy/wide-resource.md)',
      `  paste: ${JSON.stringify(fix)}`,
    ]);
  });

  test.each([
    [
      "a statement without a Sid by its index",
      { statement: { index: 2 }, path: "policy" },
      "statement 2 of policy: it is wide",
    ],
    [
      "an empty Sid by its index",
      { statement: { sid: "", index: 2 }, path: "policy" },
      "statement 2 of policy: it is wide",
    ],
    ["a Sid with quotes in quotes", { statement: { sid: 'a"b', index: 2 } }, 'statement "a\\"b": it is wide'],
    ["a document by its property", { path: "policy" }, "policy: it is wide"],
    ["no resource, since Pulumi names it", {}, "it is wide"],
  ])("names %s", (_, where, first) => {
    expect(linesOf(where)[0]).toBe(`${first} (docs/policy/wide-resource.md)`);
  });

  test("introduces a fix in words with `do:`", () => {
    expect(linesOf({})[1]).toBe("  do: name it");
  });

  test("cuts a long fix", () => {
    const [, fix, ...others] = linesOf({ fix: { Action: "a".repeat(10_000) } });
    expect(fix?.length).toBeLessThan(2_100);
    expect(fix?.endsWith("…")).toBe(true);
    expect(others).toEqual([]);
  });
});

describe("a finding in a document with several findings", () => {
  const lines = (finalText: object | string) =>
    formatFinding({ ...FINDING, fix: "name it", path: "policy", outcome: "stops" }, linkTo, finalText).split("\n");

  test("includes the corrected text of the whole document, however long that text is", () => {
    const text = { Statement: "a".repeat(5_000) };
    expect(lines(text)[1]).toBe(`  replace all of policy with: ${JSON.stringify(text)}`);
  });

  test("refers to another finding that includes the corrected text", () => {
    expect(lines("wildcard-action")[1]).toBe("  fixed by the text at wildcard-action");
  });
});

test("an advisory finding has one line", () => {
  expect(linesOf({ outcome: "advises" })).toEqual(["it is wide (docs/policy/wide-resource.md)"]);
});

test("a finding in the baseline has one line with its age", () => {
  expect(linesOf({ outcome: "baseline", since: "2026-11-28" })).toEqual([
    "in the baseline since 2026-11-28: it is wide (docs/policy/wide-resource.md)",
  ]);
});
