import { actionResourceMismatch } from "../../../rules/document/actionResourceMismatch.ts";
import { ACCOUNT, allow, deny, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const QUEUE = `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`;

describeDocumentRule(actionResourceMismatch, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "listing a bucket by its objects' ARN",
      document: policy(allow("s3:ListBucket", "arn:aws:s3:::orders/*")),
      statement: 0,
      message: "s3:ListBucket can't apply to arn:aws:s3:::orders/*",
      fix: allow(
        ["s3:ListBucket"],
        [`arn:aws:s3:REGION:${ACCOUNT}:accesspoint/ACCESS_POINT_NAME`, "arn:aws:s3:::BUCKET_NAME"],
      ),
    },
    {
      name: "deleting objects' tags by the ARN of a bucket in China",
      context: { kind: "identity", account: ACCOUNT, partition: "aws-cn", region: "cn-north-1" },
      document: policy(allow("s3:DeleteObjectTagging", "arn:aws-cn:s3:::orders")),
      statement: 0,
      message: "s3:DeleteObjectTagging can't apply to arn:aws-cn:s3:::orders",
      fix: allow(
        ["s3:DeleteObjectTagging"],
        [
          `arn:aws-cn:s3:cn-north-1:${ACCOUNT}:accesspoint/ACCESS_POINT_NAME/object/OBJECT_NAME`,
          "arn:aws-cn:s3:::BUCKET_NAME/OBJECT_NAME",
        ],
      ),
    },
    {
      name: "another service's resource, as JSON text",
      document: JSON.stringify(policy(allow("sqs:SendMessage", `arn:aws:sns:eu-central-1:${ACCOUNT}:orders`))),
      statement: 0,
      message: "sqs:SendMessage can't apply to arn:aws:sns:eu-central-1:111122223333:orders",
      fix: allow(["sqs:SendMessage"], [`arn:aws:sqs:REGION:${ACCOUNT}:QUEUE_NAME`]),
    },
    {
      name: "an action without resource types",
      document: policy(allow("xray:PutTraceSegments", QUEUE)),
      statement: 0,
      message: `can't be limited to a resource, so IAM never allows it on ${QUEUE}`,
      fix: allow(["xray:PutTraceSegments"], ["*"]),
    },
    {
      name: "a resource that fits only one of two actions",
      document: policy(allow(["sqs:SendMessage", "SNS:Publish"], QUEUE, { Sid: "Telling" })),
      statement: 0,
      message: "sns:Publish can't apply to arn:aws:sqs:eu-central-1:111122223333:orders",
      fix: allow(["sns:Publish"], [`arn:aws:sns:REGION:${ACCOUNT}:TOPIC_NAME`], { Sid: "Telling" }),
    },
    {
      name: "a queue policy about a table",
      context: { kind: "resource", service: "sqs", account: ACCOUNT },
      document: policy({
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/a` },
        Action: "sqs:SendMessage",
        Resource: `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`,
      }),
      statement: 0,
      message: "sqs:SendMessage can't apply to arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
      fix: {
        Effect: "Allow",
        Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:role/a`] },
        Action: ["sqs:SendMessage"],
        Resource: [`arn:aws:sqs:REGION:${ACCOUNT}:QUEUE_NAME`],
      },
    },
  ],
  good: [
    {
      name: "a bucket and its objects in one statement",
      document: policy(allow(["s3:ListBucket", "s3:GetObject"], ["arn:aws:s3:::orders", "arn:aws:s3:::orders/*"])),
    },
    {
      name: "a version of a function",
      document: policy(allow("lambda:InvokeFunction", `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:orders:live`)),
    },
    {
      name: "a wildcard that may be the type",
      document: policy(allow("dynamodb:Query", `arn:aws:dynamodb:*:${ACCOUNT}:*/orders/index/*`)),
    },
    {
      name: "a name that is a variable",
      document: policy(
        allow("dynamodb:GetItem", `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/\${aws:PrincipalTag/tenant}`),
      ),
    },
    { name: "an action pattern", document: policy(allow("s3:List*", "arn:aws:s3:::orders")) },
    { name: "a Deny that denies nothing", document: policy(deny("s3:ListBucket", "arn:aws:s3:::orders/*")) },
    { name: "a resource that is only wildcards", document: policy(allow("xray:PutTraceSegments", "**")) },
    {
      name: "an ARN that isn't known yet",
      document: policy(allow("sqs:SendMessage", "arn:aws:unknown:::until-the-update")),
    },
  ],
});
