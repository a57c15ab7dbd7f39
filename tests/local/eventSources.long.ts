/** Tests queues and table streams that invoke functions, with the test's own clock. */
import { fileURLToPath } from "node:url";
import { DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Cloud } from "../../local/cloud.ts";
import { operatorOf } from "../../local/identity/operator.ts";
import type { Queue } from "../../local/queues/queue.ts";
import type { Report } from "../../local/report.ts";
import { startProgram } from "./startProgram.ts";
import { TestClock, WAIT } from "./testClock.ts";

const FOLDER = fileURLToPath(new URL("../programs/orders", import.meta.url));

const clock = new TestClock();
let cloud: Cloud;
let reports: Report[];
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  const started = await startProgram(FOLDER, "../../../tsconfig.pulumi.json", clock);
  ({ cloud, reports } = started);
  await started.deployed;
  dynamodb = new DynamoDBClient(operatorOf(cloud));
});
afterAll(() => cloud.stop());

const queue = (name: string) => cloud.queues.get(cloud.arnOf("sqs", name)) as Queue;

/** Everything that functions have logged under this name so far. */
// biome-ignore lint/suspicious/noExplicitAny: each function logs its own fields
function logged(name: string): any[] {
  return reports.flatMap((report) => {
    const [json] = (report.event === "log" && /\{.*\}/.exec(report.line)) || [];
    if (json === undefined || !json.startsWith(`{"${name}":`)) return [];
    return [JSON.parse(json)[name]];
  });
}

const put = (id: string) => dynamodb.send(new PutItemCommand({ TableName: "orders", Item: { id: { S: id } } }));

describe("a stream of a table", () => {
  it("invokes a function with each change, including those of a transaction", async () => {
    await put("first");
    const Item = { id: { S: "second" }, n: { N: "1" } };
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: "orders", Item } }] }));
    await vi.waitFor(() => expect(logged("changes").flat()).toHaveLength(2), WAIT);
    const [first, second] = logged("changes").flat();
    expect(first).toEqual(["INSERT", expect.objectContaining({ Keys: { id: { S: "first" } } })]);
    expect(second).toEqual(["INSERT", expect.objectContaining({ NewImage: Item })]);
  });

  it("passes matching records, retries from the failed record, and finally sends that record to a queue", async () => {
    await put("good");
    await put("good");
    await put("bad");
    await vi.waitFor(() => expect(logged("picky").flat()).toContain("bad"), WAIT);
    await vi.waitFor(() => {
      clock.advance(1_000);
      expect(queue("failed").messages).toHaveLength(1);
    }, WAIT);
    expect(JSON.parse(queue("failed").messages[0]?.body ?? "")).toMatchObject({
      requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 2 },
      DDBStreamBatchInfo: { batchSize: 1 },
    });
    expect(logged("picky").filter((ids) => ids.includes("bad"))).toHaveLength(2);
    expect(logged("picky").at(-1)).toEqual(["bad"]);
  });
});

describe("a queue", () => {
  it("invokes a function with its messages and then deletes them", async () => {
    queue("work").send("hello");
    await vi.waitFor(() => expect(logged("worked")).toContainEqual(["hello"]), WAIT);
    await vi.waitFor(() => expect(queue("work").messages).toEqual([]), WAIT);
  });

  it("keeps failed messages for a retry, and then moves them to its dead-letter queue", async () => {
    queue("work").send("poison");
    const failures = () => reports.filter((report) => report.event === "failure").length;
    for (const times of [1, 2]) {
      await vi.waitFor(() => expect(failures()).toBe(times), WAIT);
      // After each failure, the message stays hidden for the visibility timeout.
      clock.advance(30_000);
    }
    await vi.waitFor(() => expect(queue("dead").messages.map(({ body }) => body)).toEqual(["poison"]), WAIT);
    expect(logged("worked").filter((bodies) => bodies.includes("poison"))).toHaveLength(2);
    expect(queue("work").messages).toEqual([]);
  });

  it("isn't read for a function whose role can't read it, and the missing statement is reported", () => {
    const denied = reports.flatMap((report) => (report.event === "denied" ? [report] : []));
    expect(denied).toContainEqual(
      expect.objectContaining({ action: "sqs:ReceiveMessage", resource: cloud.arnOf("sqs", "closed") }),
    );
  });
});
