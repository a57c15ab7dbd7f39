import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const topic = new aws.sns.Topic("notices", { name: "notices" });
topic.onEvent("hearer", async (event) => {
  console.log(JSON.stringify({ heard: event.Records.map(({ Sns }) => [Sns.Subject, Sns.Message]) }));
});

/** Creates a queue that is subscribed to the topic. Unless `allowed`, no policy lets the topic send to it. */
function createListener(name: string, args: Partial<aws.sns.TopicSubscriptionArgs>, allowed = true): void {
  const queue = new aws.sqs.Queue(name, { name });
  const policy = aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        sid: "topic",
        actions: ["sqs:SendMessage"],
        resources: [queue.arn],
        principals: [{ type: "Service", identifiers: ["sns.amazonaws.com"] }],
        conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: [topic.arn] }],
      },
    ],
  });
  if (allowed) new aws.sqs.QueuePolicy(name, { queueUrl: queue.url, policy: policy.json });
  new aws.sns.TopicSubscription(name, { topic: topic.arn, protocol: "sqs", endpoint: queue.arn, ...args });
}
createListener("wrapped", {});
createListener("raw", {
  rawMessageDelivery: true,
  filterPolicy: JSON.stringify({ color: [{ prefix: "gr" }], size: [{ numeric: [">", 3] }] }),
});
createListener("body", {
  rawMessageDelivery: true,
  filterPolicyScope: "MessageBody",
  filterPolicy: JSON.stringify({ order: { state: ["paid"] } }),
});
createListener("closed", {}, false);

// A bus with rules: one invokes a function, one sends to a queue.
const bus = new aws.cloudwatch.EventBus("shop", { name: "shop" });
const paid = new aws.cloudwatch.EventRule("paid", {
  name: "paid",
  eventBusName: bus.name,
  eventPattern: JSON.stringify({ source: ["shop"], detail: { state: ["paid"], total: [{ numeric: [">=", 10] }] } }),
});
const payer = new aws.lambda.CallbackFunction("payer", {
  callback: async (event: unknown) => console.log(JSON.stringify({ paid: event })),
});
new aws.lambda.Permission("payer", {
  action: "lambda:InvokeFunction",
  function: payer.name,
  principal: "events.amazonaws.com",
  sourceArn: paid.arn,
});
new aws.cloudwatch.EventTarget("payer", {
  rule: paid.name,
  eventBusName: bus.name,
  arn: payer.arn,
  inputTransformer: {
    inputPaths: { order: "$.detail.order" },
    inputTemplate: '{"order": <order>, "text": "order <order>"}',
  },
});
const every = new aws.cloudwatch.EventRule("every", {
  name: "every",
  eventBusName: bus.name,
  eventPattern: JSON.stringify({ source: [{ prefix: "" }] }),
});
const archive = new aws.sqs.Queue("archive", { name: "archive" });
new aws.sqs.QueuePolicy("archive", {
  queueUrl: archive.url,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ["sqs:SendMessage"],
        resources: [archive.arn],
        principals: [{ type: "Service", identifiers: ["events.amazonaws.com"] }],
      },
    ],
  }).json,
});
new aws.cloudwatch.EventTarget("archive", { rule: every.name, eventBusName: bus.name, arn: archive.arn });

// Unknown resources are reported and do nothing.
new aws.ssm.Parameter("unknown", { type: "String", value: pulumi.interpolate`topic ${topic.name}` });

export const topicArn = topic.arn;
