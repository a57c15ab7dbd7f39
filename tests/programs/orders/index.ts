import * as aws from "@pulumi/aws";

// A table with a stream.
const orders = new aws.dynamodb.Table("orders", {
  name: "orders",
  attributes: [{ name: "id", type: "S" }],
  hashKey: "id",
  billingMode: "PAY_PER_REQUEST",
  streamEnabled: true,
  streamViewType: "NEW_AND_OLD_IMAGES",
});
orders.onEvent(
  "changes",
  async (event) => {
    console.log(JSON.stringify({ changes: event.Records.map(({ eventName, dynamodb }) => [eventName, dynamodb]) }));
  },
  { startingPosition: "LATEST" },
);

// A function that fails for some records and reports which.
const failed = new aws.sqs.Queue("failed", { name: "failed" });
const picky = new aws.lambda.CallbackFunction("picky", {
  callback: async (event: { Records: { dynamodb: { Keys: { id: { S: string } }; SequenceNumber: string } }[] }) => {
    const ids = event.Records.map(({ dynamodb }) => dynamodb.Keys.id.S);
    console.log(JSON.stringify({ picky: ids }));
    const bad = event.Records.filter(({ dynamodb }) => dynamodb.Keys.id.S.startsWith("bad"));
    return { batchItemFailures: bad.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })) };
  },
});
new aws.lambda.EventSourceMapping("picky", {
  eventSourceArn: orders.streamArn,
  functionName: picky.name,
  startingPosition: "TRIM_HORIZON",
  functionResponseTypes: ["ReportBatchItemFailures"],
  maximumRetryAttempts: 1,
  filterCriteria: { filters: [{ pattern: JSON.stringify({ eventName: ["INSERT"] }) }] },
  destinationConfig: { onFailure: { destinationArn: failed.arn } },
});

// A queue with a consumer, and a dead-letter queue after two attempts.
const dead = new aws.sqs.Queue("dead", { name: "dead" });
const work = new aws.sqs.Queue("work", {
  name: "work",
  visibilityTimeoutSeconds: 30,
  redrivePolicy: dead.arn.apply((deadLetterTargetArn) => JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 })),
});
work.onEvent("worker", async (event) => {
  const bodies = event.Records.map(({ body }) => body);
  console.log(JSON.stringify({ worked: bodies }));
  if (bodies.includes("poison")) throw new Error("poison");
});

// A function whose role can't read its queue.
const closed = new aws.sqs.Queue("closed", { name: "closed" });
const role = new aws.iam.Role("powerless", {
  name: "powerless",
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
});
closed.onEvent("powerless", new aws.lambda.CallbackFunction("powerless", { role, callback: async () => {} }));
