/** An event pipeline: a function processes uploads to a bucket, by way of a topic and a queue. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const inbox = new aws.s3.Bucket("inbox", { bucket: "shop-inbox" });
const topic = new aws.sns.Topic("uploads", { name: "uploads" });
const dead = new aws.sqs.Queue("dead", { name: "uploads-dead" });
const queue = new aws.sqs.Queue("uploads", {
  name: "uploads",
  redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 5 }),
});

// A bucket's ARN doesn't contain an account, so the condition doesn't limit the account.
new aws.sns.TopicPolicy("uploads", {
  arn: topic.arn,
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topic.arn,
        Condition: { ArnLike: { "aws:SourceArn": inbox.arn } },
      },
    ],
  }),
});
new aws.sqs.QueuePolicy("uploads", {
  queueUrl: queue.url,
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queue.arn,
        Condition: { ArnEquals: { "aws:SourceArn": topic.arn } },
      },
    ],
  }),
});

const role = new aws.iam.Role("worker", {
  name: "uploads-worker",
  assumeRolePolicy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  },
});
new aws.iam.RolePolicy("worker", {
  role: role.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        Resource: queue.arn,
      },
      // The objects are in the bucket, but this ARN only names the bucket itself.
      { Effect: "Allow", Action: "s3:GetObject", Resource: inbox.arn },
      { Effect: "Allow", Action: "logs:*", Resource: "arn:aws:logs:*:*:*" },
    ],
  },
});
