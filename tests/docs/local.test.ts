/** Compares docs/local.md with the code: it lists everything that exists, and nothing else. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MODELS } from "../../local/resources/index.ts";
import { INVOKES } from "../../local/resources/invokes.ts";
import { OPERATIONS } from "../../local/store/dynamodb.ts";

const text = readFileSync(new URL("../../docs/local.md", import.meta.url), "utf8");

it("docs/local.md lists every known resource type, and no other", () => {
  const listed = [...text.matchAll(/`(aws:\w+\/\w+:[A-Z]\w+)`/g)].map(([, type]) => type);
  expect(listed.toSorted()).toEqual(Object.keys(MODELS).toSorted());
});

it("docs/local.md lists every known provider function, and no other", () => {
  const listed = [...text.matchAll(/`(aws:\w+\/\w+:[a-z]\w+)`/g)].map(([, token]) => token);
  expect(listed.toSorted()).toEqual(Object.keys(INVOKES).toSorted());
});

it("docs/local.md lists every known DynamoDB operation, and no other", () => {
  const [, operations = ""] = /Operations: ([^.]+)\./.exec(text) ?? [];
  expect(operations.split(/,\s+/).toSorted()).toEqual([...OPERATIONS].toSorted());
});
