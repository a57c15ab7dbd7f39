/** Tests the operator's keys, which anyone on this machine can get and which allow every call. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Access } from "../../local/access.ts";
import { answerOperator, type Operator } from "../../local/identity/operator.ts";

const access = new Access(() => {}, "000000000000", "eu-central-1");
const server = createServer(
  answerOperator({
    access,
    accountId: "000000000000",
    endpointUrl: "http://127.0.0.1:1",
    region: "eu-central-1",
    functions: new Map([["admin", {}]]),
  }),
);
let url: string;
beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
});

it("the operator's endpoint returns keys that are allowed everything, and the names of the functions", async () => {
  const response = await fetch(url, { method: "POST" });
  const { credentials, functions } = (await response.json()) as Operator;
  expect(functions).toEqual(["admin"]);
  const caller = access.sessions.holderOf(credentials.accessKeyId)?.caller;
  if (caller === undefined) throw new Error("the keys belong to no user");
  expect(access.refusal(caller, "lambda:InvokeFunction", "arn:aws:lambda:eu-central-1:1:function:x")).toBeUndefined();
});

it("the operator's endpoint answers only POST requests, whose answers pages of other origins can't read", async () => {
  expect((await fetch(url)).status).toBe(405);
});
