import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// A bucket with three functions: one makes a thumbnail of each picture, and two are notified of thumbnails and of
// removals.
const bucket = new aws.s3.Bucket("pictures", { bucket: "pictures", forceDestroy: true });
bucket.onObjectCreated(
  "onNewPicture",
  async (event) => {
    const s3 = new S3Client({});
    for (const { s3: record } of event.Records ?? []) {
      const Bucket = record.bucket.name;
      const Key = decodeURIComponent(record.object.key.replaceAll("+", " "));
      const picture = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const text = await picture.Body?.transformToString();
      await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: `${Key.replace(/\.png$/, "")}.jpg`,
          Body: `small ${text}`,
          ContentType: "image/jpeg",
        }),
      );
    }
  },
  { filterSuffix: ".png" },
);
bucket.onObjectCreated(
  "onNewThumbnail",
  new aws.lambda.CallbackFunction<aws.s3.BucketEvent, void>("onNewThumbnail", {
    policies: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
    callback: async (event) => {
      for (const { eventName, s3 } of event.Records ?? [])
        console.log(JSON.stringify({ thumbnail: [eventName, s3.object] }));
    },
  }),
  { filterSuffix: ".jpg" },
);
bucket.onObjectRemoved("onRemoved", async (event) => {
  console.log(JSON.stringify({ removed: event.Records?.map(({ s3 }) => s3.object.key) }));
});

// A bucket that notifies a queue, a topic and the default bus. A second queue has no policy that lets S3 in.
const documents = new aws.s3.BucketV2("documents", { bucket: "documents" });
const queue = new aws.sqs.Queue("changes", { name: "changes" });
const closed = new aws.sqs.Queue("closed", { name: "closed" });
const topic = new aws.sns.Topic("changes", { name: "changes" });
const archive = new aws.sqs.Queue("archive", { name: "archive" });
const letIn = (service: string, action: string, resource: pulumi.Input<string>, sourceArn: pulumi.Input<string>) =>
  aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: [action],
        resources: [resource],
        principals: [{ type: "Service", identifiers: [service] }],
        conditions: [{ test: "ArnLike", variable: "aws:SourceArn", values: [sourceArn] }],
      },
    ],
  }).json;
const queuePolicy = new aws.sqs.QueuePolicy("changes", {
  queueUrl: queue.url,
  policy: letIn("s3.amazonaws.com", "sqs:SendMessage", queue.arn, documents.arn),
});
const topicPolicy = new aws.sns.TopicPolicy("changes", {
  arn: topic.arn,
  policy: letIn("s3.amazonaws.com", "sns:Publish", topic.arn, documents.arn),
});
new aws.sqs.QueuePolicy("archive", {
  queueUrl: archive.url,
  policy: letIn("sns.amazonaws.com", "sqs:SendMessage", archive.arn, topic.arn),
});
new aws.sns.TopicSubscription("archive", {
  topic: topic.arn,
  protocol: "sqs",
  endpoint: archive.arn,
  rawMessageDelivery: true,
});
new aws.s3.BucketNotification(
  "documents",
  {
    bucket: documents.id,
    queues: [
      { queueArn: queue.arn, events: ["s3:ObjectCreated:Put", "s3:ObjectCreated:Copy"], filterPrefix: "in/" },
      { queueArn: closed.arn, events: ["s3:ObjectCreated:*"], filterPrefix: "closed/" },
    ],
    topics: [{ topicArn: topic.arn, events: ["s3:ObjectRemoved:*"] }],
    eventbridge: true,
  },
  { dependsOn: [queuePolicy, topicPolicy] },
);
const bus = new aws.sqs.Queue("bus", { name: "bus" });
const rule = new aws.cloudwatch.EventRule("created", {
  name: "created",
  eventPattern: JSON.stringify({
    source: ["aws.s3"],
    "detail-type": ["Object Created"],
    detail: { bucket: { name: ["documents"] }, object: { key: [{ prefix: "in/" }] } },
  }),
});
new aws.sqs.QueuePolicy("bus", {
  queueUrl: bus.url,
  policy: letIn("events.amazonaws.com", "sqs:SendMessage", bus.arn, rule.arn),
});
new aws.cloudwatch.EventTarget("bus", { rule: rule.name, arn: bus.arn });

// A bucket whose policy makes its HTML files public.
const site = new aws.s3.Bucket("site", { bucket: "site" });
const access = new aws.s3.BucketPublicAccessBlock("site", { bucket: site.id, blockPublicPolicy: false });
const page = new aws.s3.BucketObject("index", {
  bucket: site,
  key: "index.html",
  source: new pulumi.asset.FileAsset("www/index.html"),
  contentType: "text/html",
  metadata: { color: "green" },
});
new aws.s3.BucketObjectv2("note", { bucket: site.bucket, key: "note.txt", content: "a note" });
new aws.s3.BucketPolicy(
  "site",
  {
    bucket: site.bucket,
    policy: site.arn.apply(
      (arn): aws.iam.PolicyDocument => ({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: [`${arn}/*.html`] }],
      }),
    ),
  },
  { dependsOn: access },
);

// A function that may only read and write the objects of one folder.
const role = new aws.iam.Role("narrow", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
});
new aws.iam.RolePolicy("narrow", {
  role: role.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:GetObject"],
        Resource: pulumi.interpolate`${documents.arn}/narrow/*`,
      },
    ],
  },
});
const narrow = new aws.lambda.CallbackFunction("narrow", {
  role,
  callback: async ({ Bucket, Key, reads }: { Bucket: string; Key: string; reads?: boolean }) => {
    const s3 = new S3Client({});
    try {
      if (reads) await s3.send(new GetObjectCommand({ Bucket, Key }));
      else await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
      return "done";
    } catch (error) {
      return (error as Error).name;
    }
  },
});

export const narrowName = narrow.name;
export const pageId = page.id;
