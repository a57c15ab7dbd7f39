/** Tests fixes for AWS's actions. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkDocument, MALFORMED } from "../checkDocument.ts";
import type { DocumentContext } from "../document/subject.ts";
import { pasted } from "../fixes/applyFix.ts";
import { catalog } from "./catalog.ts";
import { ACCOUNT, allow, policy } from "./statements.ts";

const CONTEXT = { kind: "identity", account: ACCOUNT, region: "eu-central-1" } as const;
const findingsIn = (document: unknown) => checkDocument(document, CONTEXT, catalog);

/**
 * For each service, one action for each set of resource types; and every action that a rule other than
 * wildcard-resource reports if it is allowed on `*`.
 */
const actions = [
  ...new Map(
    catalog.matching("*").map((action) => {
      const [service = ""] = action.name.split(":");
      const isSpecial = findingsIn(policy(allow(action.name, "*"))).some(({ rule }) => rule !== "wildcard-resource");
      const kind = isSpecial ? action.name : `${service} ${action.resources.map(({ name }) => name)}`;
      return [kind, action] as const;
    }),
  ).values(),
];

interface Leftover {
  action: string;
  /** The rule whose fix was pasted. */
  fixed: string;
  /** The rule that still has a finding. */
  rule: string;
}

/** The findings left for each action on `*` after its fix is pasted. Tests share them, because this takes seconds. */
const leftovers: Leftover[] = actions.flatMap(({ name }) => {
  const document = policy(allow(name, "*"));
  return findingsIn(document).flatMap((finding) => {
    const fixed = pasted(document, finding);
    const left = fixed === undefined ? [] : findingsIn(fixed);
    return left.map(({ rule }) => ({ action: name, fixed: finding.rule, rule }));
  });
});

describe("the fix for `*`", () => {
  test("is tested for many actions", () => {
    expect(actions.length).toBeGreaterThan(500);
    expect(leftovers.length).toBeGreaterThan(0);
  });

  test("is a statement that IAM accepts", () => {
    expect(leftovers.filter(({ rule }) => rule === "malformed-document")).toEqual([]);
  });

  test("has no finding of the rule that it fixes", () => {
    expect(leftovers.filter(({ rule, fixed }) => rule === fixed)).toEqual([]);
  });

  test("isn't wide", () => {
    expect(leftovers.filter(({ rule }) => rule === "wide-resource")).toEqual([]);
  });
});

describe("the fixes of the labeled documents", () => {
  interface Labeled extends DocumentContext {
    name: string;
    document: unknown;
  }
  const folder = new URL("labeled/documents/", import.meta.url);

  test.each(readdirSync(folder))("in %s add no finding", (file) => {
    const labeled: Labeled[] = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    const added = labeled.flatMap(({ name, document, kind, service, account }) => {
      const context = { kind, ...(service && { service }), ...(account && { account }) };
      const before = checkDocument(document, context, catalog);
      const rules = new Set(before.map(({ rule }) => rule));
      // Only the author knows the name that replaces `SERVICE:ACTION`.
      return before
        .filter(({ rule }) => rule !== MALFORMED && rule !== "wildcard-action")
        .flatMap((finding) => {
          const fixed = pasted(document, finding);
          const left = fixed === undefined ? [] : checkDocument(fixed, context, catalog);
          return left
            .filter(({ rule }) => !rules.has(rule))
            .map(({ rule }) => `${name}: the fix of ${finding.rule} has ${rule}`);
        });
    });
    expect(added).toEqual([]);
  });
});

describe("an action that lacks one letter", () => {
  test.each(["s3", "iam", "dynamodb", "sqs", "sns", "lambda"])(
    "with the prefix %s is corrected to the most similar one",
    (service) => {
      const missed = catalog.matching(`${service}:*`).flatMap(({ name }) => {
        const written = `${name.slice(0, -2)}${name.slice(-1)}`;
        if (catalog.action(written) !== undefined) return [];
        const finding = findingsIn(policy(allow(written, "*"))).find(({ rule }) => rule === "unknown-action");
        const offered = String(finding?.fix).replaceAll('"', "");
        // If two actions are equally similar, either is fine.
        return isOneLetterFrom(written, offered) ? [] : [`${written} is corrected to ${offered}, not ${name}`];
      });
      expect(missed).toEqual([]);
    },
  );

  function isOneLetterFrom(written: string, name: string): boolean {
    return (
      [...name].some((_, i) => name.slice(0, i) + name.slice(i + 1) === written) ||
      (written.length === name.length && [...name].filter((letter, i) => letter !== written[i]).length === 1)
    );
  }
});
