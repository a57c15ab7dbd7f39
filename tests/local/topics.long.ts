/** SNS topics and EventBridge buses, tested with the SDK's own clients. */

import { fileURLToPath } from "node:url";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { systemClock } from "../../local/clock.ts";
import type { Cloud } from "../../local/cloud.ts";
import { operatorOf } from "../../local/identity/operator.ts";
import type { Report } from "../../local/report.ts";
import { startProgram } from "./startProgram.ts";
import { WAIT } from "./testClock.ts";

let cloud: Cloud;
let reports: Report[];
let sns: SNSClient;
let TopicArn: string;

beforeAll(async () => {
  const folder = fileURLToPath(new URL("../programs/notices", import.meta.url));
  const started = await startProgram(folder, "../../../tsconfig.pulumi.json", systemClock);
  ({ cloud, reports } = started);
  await started.deployed;
  TopicArn = cloud.arnOf("sns", "notices");
  sns = new SNSClient(operatorOf(cloud));
});
afterAll(() => cloud.stop());

const lines = () => reports.flatMap((report) => (report.event === "log" ? [report.line] : []));
const bodies = (name: string) => cloud.queues.get(cloud.arnOf("sqs", name))?.messages.map(({ body }) => body) ?? [];

it("topics invoke functions and send to queues, each with its filter and format", async () => {
  const MessageAttributes = {
    color: { DataType: "String", StringValue: "green" },
    size: { DataType: "Number", StringValue: "4" },
  };
  const { MessageId } = await sns.send(
    new PublishCommand({ TopicArn, Subject: "Greeting", Message: "hello & <welcome>", MessageAttributes }),
  );
  expect(JSON.parse(bodies("wrapped")[0] ?? "")).toMatchObject({
    Type: "Notification",
    MessageId,
    TopicArn,
    Subject: "Greeting",
    Message: "hello & <welcome>",
    MessageAttributes: { color: { Type: "String", Value: "green" } },
  });
  await vi.waitFor(() => expect(lines().join("\n")).toContain('{"heard":[["Greeting","hello & <welcome>"]]}'), WAIT);
  const order = JSON.stringify({ order: { state: "paid" } });
  await sns.send(new PublishCommand({ TopicArn, Message: order }));
  expect(bodies("raw")).toEqual(["hello & <welcome>"]);
  expect(bodies("body")).toEqual([order]);
  expect(bodies("wrapped")).toHaveLength(2);
});

it("an attribute that should be a JSON array and isn't matches no filter", async () => {
  const before = bodies("raw").length;
  const MessageAttributes = { color: { DataType: "String.Array", StringValue: "green" } };
  await sns.send(new PublishCommand({ TopicArn, Message: "colors", MessageAttributes }));
  expect(bodies("raw")).toHaveLength(before);
});

it("a topic doesn't reach a queue without a policy that allows it, and the missing statement is reported", async () => {
  await sns.send(new PublishCommand({ TopicArn, Message: "anybody?" }));
  expect(bodies("closed")).toEqual([]);
  const denied = reports.filter((report) => report.event === "denied");
  expect(denied).toContainEqual(
    expect.objectContaining({ caller: "sns.amazonaws.com", resource: cloud.arnOf("sqs", "closed") }),
  );
});

it("publishing to a missing topic gets SNS's error", async () => {
  const missing = sns.send(new PublishCommand({ TopicArn: `${TopicArn}-not`, Message: "x" }));
  await expect(missing).rejects.toMatchObject({ name: "NotFoundException", message: "Topic does not exist" });
});

it("a bus sends events to the targets of matching rules, in the format that they request", async () => {
  const events = new EventBridgeClient(operatorOf(cloud));
  const entry = (detail: object, more: object = {}) => ({
    EventBusName: "shop",
    Source: "shop",
    DetailType: "Order",
    Detail: JSON.stringify(detail),
    ...more,
  });
  const { FailedEntryCount, Entries, $metadata } = await events.send(
    new PutEventsCommand({
      Entries: [
        entry({ order: 'a"b', state: "paid", total: 10 }),
        entry({ order: "cheap", state: "paid", total: 9 }),
        entry({ order: "other" }, { EventBusName: "default" }),
        entry({}, { Detail: "not JSON" }),
      ],
    }),
  );
  expect(FailedEntryCount).toBe(1);
  expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(Entries?.[3]).toEqual({ ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." });
  expect(bodies("archive").map((body) => JSON.parse(body))).toEqual([
    expect.objectContaining({ id: Entries?.[0]?.EventId, source: "shop", "detail-type": "Order" }),
    expect.objectContaining({ id: Entries?.[1]?.EventId, detail: { order: "cheap", state: "paid", total: 9 } }),
  ]);
  await vi.waitFor(() => expect(lines().join("\n")).toContain('{"paid":'), WAIT);
  const paid = lines().flatMap((line) => /\{"paid":.*\}/.exec(line) ?? []);
  expect(paid.map((json) => JSON.parse(json).paid)).toEqual([{ order: 'a"b', text: 'order a"b' }]);
});

it("requests that aren't JSON, have an invalid time or no events get EventBridge's errors", async () => {
  const events = new EventBridgeClient(operatorOf(cloud));
  const entry = { Source: "shop", DetailType: "Order", Detail: "{}" };
  const put = (Entries: (typeof entry & { Time?: Date })[]) => events.send(new PutEventsCommand({ Entries }));
  // The SDK writes NaN, which isn't JSON, and a number that is out of range for dates.
  for (const seconds of [Number.NaN, 1e15]) {
    const Time = Object.assign(new Date(0), { getTime: () => seconds * 1_000, valueOf: () => seconds * 1_000 });
    await expect(put([{ ...entry, Time }])).rejects.toMatchObject({ name: "SerializationException" });
  }
  await expect(put([])).rejects.toMatchObject({ name: "ValidationException" });
});

it("an unknown resource is reported by its logical name and doesn't end the program", () => {
  const warnings = reports.flatMap((report) => (report.event === "warning" ? [report.message] : []));
  expect(warnings).toContain(
    'the local cloud does not know aws:ssm/parameter:Parameter: "unknown" is registered and does nothing',
  );
});
