/** `npm run test:e2e -- --url wss://… --token …`: runs the same suite against a stack on AWS. */
import { test } from "vitest";
import { describeChat } from "./suite.ts";
import { deployedTarget } from "./target.ts";

const { CHAT_URL: url, CHAT_TOKENS: tokens } = process.env;

if (url === undefined || tokens === undefined) {
  test.skip("no deployed stack is named: npm run test:e2e -- --url wss://… --token …", () => {});
} else {
  describeChat(`at ${url}`, async () => deployedTarget(url, tokens.split(",")));
}
