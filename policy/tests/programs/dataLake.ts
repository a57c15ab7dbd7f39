/** A data lake: buckets, a key, a Glue job, Athena for analysts, and a partner that delivers data. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const PARTNER = "777788889999";
const OWN = "arn:aws:iam::123456789012:root";

const raw = new aws.s3.Bucket("raw", { bucket: "lake-raw" });
const curated = new aws.s3.Bucket("curated", { bucket: "lake-curated" });
const key = new aws.kms.Key("lake", {
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { AWS: OWN }, Action: "kms:*", Resource: "*" },
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${PARTNER}:role/delivery` },
        Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
        Resource: "*",
      },
    ],
  }),
});
// The partner only writes, but its whole account is admitted.
new aws.s3.BucketPolicy("raw", {
  bucket: raw.bucket,
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${PARTNER}:root` },
        Action: ["s3:PutObject", "s3:DeleteObject"],
        Resource: pulumi.interpolate`${raw.arn}/*`,
      },
    ],
  }),
});

const job = new aws.iam.Role("job", {
  name: "lake-job",
  assumeRolePolicy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "glue.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ],
  },
});
new aws.iam.RolePolicyAttachment("job", {
  role: job.name,
  policyArn: "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole",
});
new aws.iam.RolePolicy("job", {
  role: job.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:GetObject", Resource: pulumi.interpolate`${raw.arn}/*` },
      { Effect: "Allow", Action: "s3:PutObject", Resource: pulumi.interpolate`${curated.arn}/*` },
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: key.arn },
      { Effect: "Allow", Action: "lakeformation:GetDataAccess", Resource: "*" },
    ],
  },
});

const analysts = new aws.iam.Policy("analysts", {
  name: "lake-analysts",
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"],
        Resource: "arn:aws:athena:eu-central-1:123456789012:workgroup/analysts",
      },
      { Effect: "Allow", Action: ["glue:GetTable", "glue:GetDatabase", "glue:GetPartitions"], Resource: "*" },
      { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::*" },
    ],
  },
});
new aws.iam.GroupPolicyAttachment("analysts", { group: "analysts", policyArn: analysts.arn });
