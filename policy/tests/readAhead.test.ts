/** Tests that code is read before the rules ask for it. */
import { pathToFileURL } from "node:url";
import type { ResourceValidationArgs } from "@pulumi/policy";
import type { Catalog } from "@serverless-chat/iam";
import { describe, expect, test } from "vitest";
import { callsOf } from "../code/cachedCalls.ts";
import { ReadAhead } from "../pack/readAhead.ts";
import { FUNCTION } from "../resources/roles.ts";

const BUILT = new URL("../dist/codeReader.mjs", import.meta.url);

const functionOf = (text: unknown) =>
  ({
    type: FUNCTION,
    urn: `urn:pulumi:dev::chat::${FUNCTION}::${Math.random()}`,
    name: "send",
    props: { runtime: "nodejs24.x", code: { assets: Promise.resolve({ "index.js": { text } }) } },
    opts: {},
  }) as unknown as ResourceValidationArgs;

const TEXT = 'const { PutItemCommand } = require("@aws-sdk/client-dynamodb"); new PutItemCommand({});';
const CODE = Promise.resolve(TEXT);

describe("reading ahead", () => {
  test.each([
    ["with the pack's own thread", BUILT, () => CODE],
    ["even if the thread cannot start", pathToFileURL("/nowhere/codeReader.mjs"), () => CODE],
    ["even if the code is missing", BUILT, () => Promise.reject(new Error("gone"))],
    ["even if the code isn't text", BUILT, () => 7],
  ])("finishes %s", async (_, file, code) => {
    const ahead = new ReadAhead(file);
    for (let i = 0; i < 3; i++) ahead.begin(functionOf(code()));
    await expect(ahead.done()).resolves.toBeUndefined();
  });

  test("saves the rules from reading the code", async () => {
    const ahead = new ReadAhead(BUILT);
    ahead.begin(functionOf(`${TEXT} // read ahead`));
    await ahead.done();
    // Reading the code again would use this catalog, which fails the test.
    const unread = { action: () => expect.unreachable() } as unknown as Catalog;
    expect(callsOf([`${TEXT} // read ahead`], unread).needs).toEqual([["dynamodb:PutItem"]]);
  });

  test("ignores resources other than functions", async () => {
    const ahead = new ReadAhead(BUILT);
    ahead.begin({ type: "aws:s3/bucket:Bucket" } as ResourceValidationArgs);
    await ahead.done();
  });
});
