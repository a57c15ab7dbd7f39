const { readdirSync } = require("node:fs");
const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

const { host } = new pulumi.Config().requireObject("database");

// Resources of other stacks and of the account.
const network = new pulumi.StackReference("team/network/dev");
const orders = aws.dynamodb.Table.get("orders", "orders");
const lookedUp = aws.iam.Role.get("lookedUp", "made-by-hand");
const zone = aws.route53.getZoneOutput({ name: "example.com" });

// Resources of a type that the local cloud does not know, with ARNs that a policy contains.
const [letters] = ["letters", "parcels"].map((name) => new aws.kinesis.Stream(name, { shardCount: 1 }));
const role = new aws.iam.Role("worker", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
});
const statement = (Action, Resource) => ({ Effect: "Allow", Action, Resource });
new aws.iam.RolePolicy("worker", {
  role: role.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      statement("dynamodb:GetItem", [orders.arn, pulumi.interpolate`${orders.arn}/index/*`]),
      statement("kinesis:PutRecord", letters.arn),
      statement("route53:ListResourceRecordSets", zone.arn),
    ],
  },
});
// The local cloud can't create these two resources, because they need values that it doesn't know.
new aws.iam.RolePolicy("unreadable", {
  role: role.name,
  policy: { Version: "2012-10-17", Statement: [statement("kinesis:PutRecord", [letters.kmsKeyId])] },
});
new aws.lambda.Function("ofLookedUp", {
  role: lookedUp.arn,
  runtime: "nodejs22.x",
  handler: "index.handler",
  code: new pulumi.asset.FileArchive("app"),
});

// Functions with their code in a bucket, in a folder, and in a container image.
const bucket = new aws.s3.Bucket("releases", { bucket: "releases" });
const release = new aws.s3.BucketObject("release", {
  bucket: bucket.bucket,
  key: "release.zip",
  source: new pulumi.asset.FileArchive("app"),
});
const released = new aws.lambda.Function("released", {
  role: role.arn,
  runtime: "nodejs22.x",
  handler: "index.handler",
  s3Bucket: bucket.bucket,
  s3Key: release.key,
});
new aws.lambda.Function("later", {
  role: role.arn,
  runtime: "nodejs22.x",
  handler: "later.handler",
  code: new pulumi.asset.FileArchive("app"),
});
new aws.lambda.Function("image", { role: role.arn, packageType: "Image", imageUri: "example.com/image:latest" });

// A policy that is attached to the role by a resource of its own.
const policy = new aws.iam.Policy("logs", {
  policy: { Version: "2012-10-17", Statement: [statement("logs:*", "*")] },
});
new aws.iam.PolicyAttachment("logs", { policyArn: policy.arn, roles: [role] });

module.exports = async () => ({
  host,
  vpc: network.requireOutput("vpc"),
  missing: network.getOutput("missing").apply((value) => `${value}`),
  orders: orders.arn,
  letters: letters.arn,
  released: released.name,
  here: readdirSync("."),
  table: new aws.dynamodb.Table("t", {
    hashKey: "id",
    attributes: [{ name: "id", type: "S" }],
    billingMode: "PAY_PER_REQUEST",
  }).name,
  fifo: new aws.sqs.Queue("orders", { fifoQueue: true }).name,
});
