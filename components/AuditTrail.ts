import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "./names";
import { placeOf } from "./place";
import type { Table } from "./Table";
import { type TaggedArgs, tagsOf } from "./tags";

/** Arguments of `AuditTrail`. */
export interface AuditTrailArgs extends TaggedArgs {
  /** Tables for which each read and write of an item is recorded. */
  tables: Table[];
  /** Days to keep records. @default 365 */
  retentionDays?: pulumi.Input<number>;
  /** Refuse to delete the records. @default false: deleted with the stack */
  protect?: boolean;
}

/**
 * Days to keep the old version of a record that has expired, or that somebody has replaced or deleted. CloudTrail
 * itself never replaces or deletes a record.
 */
const OLD_VERSION_DAYS = 30;

/**
 * An audit trail: CloudTrail records changes in the account, reads and writes of tables' items, and invocations of the
 * stack's functions, in a separate bucket.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
export class AuditTrail extends pulumi.ComponentResource {
  /** Name of the bucket that holds the records. */
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: AuditTrailArgs, opts?: pulumi.ComponentResourceOptions) {
    super("chat:index:AuditTrail", name, {}, opts);
    const place = placeOf(opts);
    const tags = tagsOf(args);
    const trailName = resourceName(name);
    const trailArn = place.arn("cloudtrail", `trail/${trailName}`);
    const { bucket, policy } = createBucket(this, name, trailArn, args, opts);
    const Trail = loadTrail(name);
    new Trail(
      name,
      {
        name: trailName,
        s3Bucket: { existing: { name: bucket.bucket } },
        cloudWatchLogsGroup: { enable: false },
        enableLogFileValidation: true,
        // IAM and CloudFront are global services: their changes are recorded in another Region.
        isMultiRegionTrail: true,
        advancedEventSelectors: [
          { name: "Changes in the account", fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }] },
          dataEvents("Items of tables", "AWS::DynamoDB::Table", { equals: args.tables.map(({ arn }) => arn) }),
          dataEvents("Invocations of functions", "AWS::Lambda::Function", {
            startsWiths: [place.arn("lambda", `function:${resourceName("")}`)],
          }),
        ],
        tags,
      },
      { parent: this, dependsOn: policy },
    );
    this.bucketName = bucket.bucket;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}

/** Loads `@pulumi/awsx` here, so that a program without a trail needs neither this package nor its Pulumi plugin. */
function loadTrail(name: string) {
  try {
    const { Trail } = require("@pulumi/awsx/cloudtrail/trail") as typeof import("@pulumi/awsx/cloudtrail/trail");
    return Trail;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new pulumi.RunError(
      `the audit trail "${name}" needs @pulumi/awsx, which isn't installed: run "npm install @pulumi/awsx"`,
    );
  }
}

function dataEvents(
  name: string,
  type: string,
  resources: { equals: pulumi.Input<string>[] } | { startsWiths: pulumi.Input<string>[] },
): aws.types.input.cloudtrail.TrailAdvancedEventSelector {
  return {
    name,
    fieldSelectors: [
      { field: "eventCategory", equals: ["Data"] },
      { field: "resources.type", equals: [type] },
      { field: "resources.ARN", ...resources },
    ],
  };
}

/** A bucket that is encrypted, versioned and private, and that only this trail can write to. */
function createBucket(
  parent: AuditTrail,
  name: string,
  trailArn: pulumi.Output<string>,
  args: AuditTrailArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
): { bucket: aws.s3.Bucket; policy: aws.s3.BucketPolicy } {
  const { retentionDays = 365, protect = false } = args;
  const { accountId, region } = placeOf(opts);
  const made = new aws.s3.Bucket(
    name,
    {
      // Bucket names must be globally unique, so this one contains the account and the Region.
      bucket: pulumi.interpolate`${resourceName(name)}-${accountId}-${region}`,
      forceDestroy: !protect,
      tags: tagsOf(args),
    },
    { parent, protect },
  );
  const { bucket } = made;
  const privacy = new aws.s3.BucketPublicAccessBlock(
    name,
    {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    { parent },
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    name,
    { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    { parent },
  );
  const versioning = new aws.s3.BucketVersioning(
    name,
    { bucket, versioningConfiguration: { status: "Enabled" } },
    { parent },
  );
  new aws.s3.BucketLifecycleConfiguration(
    name,
    {
      bucket,
      rules: [
        {
          id: "records",
          status: "Enabled",
          filter: {},
          expiration: { days: retentionDays },
          noncurrentVersionExpiration: { noncurrentDays: OLD_VERSION_DAYS },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    },
    { parent, dependsOn: versioning },
  );
  const policy = new aws.s3.BucketPolicy(
    name,
    { bucket, policy: writableBy(trailArn, made, accountId) },
    { parent, dependsOn: privacy },
  );
  return { bucket: made, policy };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
function writableBy(
  trailArn: pulumi.Output<string>,
  bucket: aws.s3.Bucket,
  accountId: pulumi.Output<string>,
): aws.iam.PolicyDocument {
  const Principal = { Service: "cloudtrail.amazonaws.com" };
  const bySource = { "aws:SourceArn": trailArn };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "LookedAtByTrail",
        Effect: "Allow",
        Principal,
        Action: "s3:GetBucketAcl",
        Resource: bucket.arn,
        Condition: { StringEquals: bySource },
      },
      {
        Sid: "WrittenByTrail",
        Effect: "Allow",
        Principal,
        Action: "s3:PutObject",
        Resource: pulumi.interpolate`${bucket.arn}/AWSLogs/${accountId}/*`,
        Condition: { StringEquals: { ...bySource, "s3:x-amz-acl": "bucket-owner-full-control" } },
      },
      {
        Sid: "OnlyTls",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
