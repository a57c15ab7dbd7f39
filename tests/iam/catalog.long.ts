/** Tests the catalog's consistency: each action applies to resources of each of its types. */
import { Catalog, parsePolicy } from "@serverless-chat/iam";
import { expect, test } from "vitest";
import { subjectOf } from "../../policy/document/subject.ts";
import { actionResourceMismatch } from "../../policy/rules/document/actionResourceMismatch.ts";
import { unknownAction } from "../../policy/rules/document/unknownAction.ts";

const catalog = new Catalog(new URL("../../iam/catalog.jsonl", import.meta.url));
const ACCOUNT = "111122223333";

/** A template's ARN, as AWS would write it. */
function arnOf(template: string): string {
  const known: Record<string, string> = { Partition: "aws", Region: "eu-central-1", Account: ACCOUNT };
  return template.replace(/\$\{(\w+)\}/g, (_, name: string) => known[name] ?? `${name.toLowerCase()}1`);
}

test("each action applies to a resource of each of its types, and is known", () => {
  const wrong = catalog.matching("*").flatMap(({ name, resources }) => {
    const arns = resources.length === 0 ? ["*"] : resources.map(({ arn }) => arnOf(arn));
    const Statement = arns.map((Resource) => ({ Effect: "Allow", Action: name, Resource }));
    const document = parsePolicy({ Version: "2012-10-17", Statement });
    const subject = subjectOf(document, { kind: "identity", account: ACCOUNT }, catalog);
    return [unknownAction, actionResourceMismatch].flatMap(({ check }) => check(subject));
  });
  expect(wrong).toEqual([]);
}, 120_000);
