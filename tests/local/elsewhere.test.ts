/** A program that refers to resources which it doesn't create, and to types that the local cloud doesn't know. */
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findStackConfig } from "../../stack/stackFiles.ts";
import { type LocalCloud, operatorAccess, startLocalCloud } from "../localCloud.ts";

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await startLocalCloud([
    ...["--program", "tests/programs/elsewhere"],
    ...["--config", 'database={"host":"localhost"}', "--config", "team/network/dev:vpc=vpc-1"],
  ]);
});
afterAll(() => cloud.stop());

const warnings = () => cloud.reports.flatMap((report) => (report.event === "warning" ? [report.message] : []));

it("a program runs in the folder that `main` names, and its relative paths start there", () => {
  expect(cloud.outputs.here).toEqual(["app", "index.js", "package.json"]);
});

it("a program doesn't get a partly encrypted setting unless the command line sets it", async () => {
  expect(await findStackConfig("tests/programs/elsewhere", "elsewhere", "dev")).toMatchObject({
    values: {},
    secure: ["elsewhere:database"],
  });
  expect(cloud.outputs.host).toBe("localhost");
});

it("a program gets the outputs of other stacks from the command line", () => {
  expect(cloud.outputs).toMatchObject({ vpc: "vpc-1", missing: "undefined" });
});

it("a program gets ARNs for resources that aren't known, so that policies can name them", () => {
  expect(cloud.outputs).toMatchObject({
    orders: "arn:aws:dynamodb:eu-central-1:000000000000:table/orders",
    letters: "arn:aws:kinesis:eu-central-1:000000000000:letters",
  });
});

it.each([
  'the local cloud does not know aws:kinesis/stream:Stream: "letters", "parcels" are registered and do nothing',
  'the program looks up aws:dynamodb/table:Table "orders", which it does not create: nothing in the local cloud corresponds to it',
  'the program looks up aws:iam/role:Role "lookedUp", which it does not create: nothing in the local cloud corresponds to it',
  /^the local cloud does not know the function "aws:route53\/getZone:getZone": it returns its arguments/,
  /^"unreadable" is registered and does nothing, because it needs something that the local cloud does not know: statement 0: /,
  /^"ofLookedUp" is registered and does nothing, because it needs something that the local cloud does not know: NoSuchEntity: /,
  "the code of the function image is in a container image: the local cloud cannot read it, so every invocation of the function fails",
])("a warning names what doesn't work in the local cloud: %s", (sentence) => {
  expect(warnings()).toContainEqual(expect.stringMatching(sentence instanceof RegExp ? sentence : escaped(sentence)));
});

function escaped(sentence: string): RegExp {
  return new RegExp(`^${sentence.replaceAll(/[()[\]{}.*+?$|\\^]/g, "\\$&")}$`);
}

async function invoke(FunctionName = "") {
  const lambda = new LambdaClient(await operatorAccess(cloud));
  return lambda.send(new InvokeCommand({ FunctionName, LogType: "Tail" }));
}

it("a function may have its code in an object of the program's bucket, archived by Pulumi", async () => {
  const released = await invoke(cloud.outputs.released);
  expect(released.Payload?.transformToString()).toBe('"from the archive"');
  // The policy that allows the function to write this log is attached by an `iam.PolicyAttachment`.
  await cloud.waitFor("log", ({ group }) => group === "/aws/lambda/released");
  const log = Buffer.from(released.LogResult ?? "", "base64").toString();
  expect(log).toMatch(/^START .*\nEND .*\nREPORT RequestId: .*\tMemory Size: 128 MB\t.*\n$/);
  expect((await invoke("image")).FunctionError).toBe("Unhandled");
});

it("a function's module may await at its top level", async () => {
  const { FunctionError, Payload } = await invoke("later");
  expect([FunctionError, Payload?.transformToString()]).toEqual([undefined, "50"]);
});

it("a program gets names like those that the provider generates", () => {
  expect(cloud.outputs.fifo).toBe("orders.fifo");
  expect(cloud.outputs.table).toMatch(/^t-[a-z0-9]{7}$/);
});
