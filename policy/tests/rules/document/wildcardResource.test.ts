import { wildcardResource } from "../../../rules/document/wildcardResource.ts";
import { ACCOUNT, allow, deny, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const QUEUE = `arn:aws:sqs:REGION:${ACCOUNT}:QUEUE_NAME`;

describeDocumentRule(wildcardResource, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "a resource of several asterisks",
      document: policy(allow("sqs:SendMessage", "**")),
      statement: 0,
      message: "sqs:SendMessage can be limited to resources, but the statement covers all",
      fix: allow(["sqs:SendMessage"], [QUEUE]),
    },
    {
      name: "an asterisk next to an ARN, as JSON text",
      document: JSON.stringify(policy(allow("SQS:sendmessage", [`arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`, "*"]))),
      statement: 0,
      message: "sqs:SendMessage",
      fix: allow(["sqs:SendMessage"], [QUEUE]),
    },
    {
      name: "another partition and Region",
      context: { kind: "identity", account: ACCOUNT, partition: "aws-us-gov", region: "us-gov-west-1" },
      document: policy(allow("dynamodb:GetItem", "*")),
      statement: 0,
      message: "dynamodb:GetItem",
      fix: allow(["dynamodb:GetItem"], [`arn:aws-us-gov:dynamodb:us-gov-west-1:${ACCOUNT}:table/TABLE_NAME`]),
    },
    {
      name: "an action that needs the asterisk, next to one that doesn't",
      document: policy(allow(["sqs:SendMessage", "xray:PutTraceSegments"], "*")),
      statement: 0,
      message: "sqs:SendMessage",
      fix: [allow(["sqs:SendMessage"], [QUEUE]), allow(["xray:PutTraceSegments"], "*")],
    },
    {
      name: "a tag that one of two actions doesn't support",
      document: policy(
        allow(["ec2:TerminateInstances", "sqs:SendMessage"], "*", {
          Condition: { StringEquals: { "ec2:ResourceTag/team": "orders" } },
        }),
      ),
      statement: 0,
      message: "sqs:SendMessage",
    },
    {
      name: "a condition on how the request is sent",
      document: policy(allow("sqs:SendMessage", "*", { Condition: { Bool: { "aws:SecureTransport": "true" } } })),
      statement: 0,
      message: "sqs:SendMessage",
      fix: allow(["sqs:SendMessage"], [QUEUE], { Condition: { Bool: { "aws:SecureTransport": ["true"] } } }),
    },
    {
      name: "a Deny for only one of the resources",
      document: policy(
        allow("sqs:SendMessage", "*"),
        deny("sqs:SendMessage", `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`),
      ),
      statement: 0,
      message: "sqs:SendMessage",
      fix: allow(["sqs:SendMessage"], [QUEUE]),
    },
    {
      name: "too many actions to list in a suggested statement",
      document: policy(allow("sqs:*", "*")),
      statement: 0,
      message: "more can be limited",
    },
  ],
  good: [
    {
      name: "actions whose resources, such as data sets and lexicons, are optional",
      document: policy(allow(["cloudwatch:PutMetricData", "polly:SynthesizeSpeech"], "*")),
    },
    {
      name: "actions without resource types",
      document: policy(allow(["xray:PutTraceSegments", "ec2:DescribeSubnets"], "*")),
    },
    { name: "a Deny", document: policy(deny("sqs:SendMessage", "*")) },
    {
      name: "actions that a Deny always overrides",
      document: policy(allow("sqs:SendMessage", "*"), deny("sqs:*", "*")),
    },
    {
      name: "a resource tag that the action supports",
      document: policy(
        allow("ec2:StopInstances", "*", { Condition: { StringEquals: { "ec2:ResourceTag/team": "orders" } } }),
      ),
    },
    { name: "a boundary", context: { kind: "boundary" }, document: policy(allow("sqs:SendMessage", "*")) },
    {
      name: "a key policy, where `*` is the key",
      context: { kind: "resource", service: "kms", account: ACCOUNT },
      document: policy({
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/a` },
        Action: "kms:Decrypt",
        Resource: "*",
      }),
    },
    {
      name: "an asterisk within an ARN, which another rule reports",
      document: policy(allow("s3:GetObject", "arn:aws:s3:::*")),
    },
  ],
});
