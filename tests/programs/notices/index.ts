import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const topic = new aws.sns.Topic("notices", { name: "notices" });
topic.onEvent("hearer", async (event) => {
  console.log(JSON.stringify({ heard: event.Records.map(({ Sns }) => [Sns.Subject, Sns.Message]) }));
});

/** A queue that hears the topic, as far as its policy lets it. */
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

// What isn't known is named, and does nothing.
new aws.ssm.Parameter("unknown", { type: "String", value: pulumi.interpolate`topic ${topic.name}` });

export const topicArn = topic.arn;
