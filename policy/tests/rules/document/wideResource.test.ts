import { wideResource } from "../../../rules/document/wideResource.ts";
import { ACCOUNT, allow, deny, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

describeDocumentRule(wideResource, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "every bucket in GovCloud",
      document: policy(allow("s3:GetObject", "arn:aws-us-gov:s3:::*/*")),
      statement: 0,
      message:
        'the resource "arn:aws-us-gov:s3:::*/*" matches every resource of its type, or resources of every account',
      fix: allow(["s3:GetObject"], ["arn:aws-us-gov:s3:::NAME/NAME"]),
    },
    {
      name: "buckets with a name suffix that others can use, too",
      document: policy(allow("s3:GetObject", "arn:aws:s3:::*-orders/*")),
      statement: 0,
      message: '"arn:aws:s3:::*-orders/*"',
      fix: allow(["s3:GetObject"], ["arn:aws:s3:::NAME-orders/NAME"]),
    },
    {
      name: "a table in any account",
      document: policy(allow("dynamodb:GetItem", "arn:aws:dynamodb:eu-central-1:*:table/orders")),
      statement: 0,
      message:
        'the resource "arn:aws:dynamodb:eu-central-1:*:table/orders" matches every resource of its type, or resources',
      fix: allow(["dynamodb:GetItem"], ["arn:aws:dynamodb:eu-central-1:ACCOUNT:table/orders"]),
    },
    {
      name: "a pattern with only the first letters of the type, next to an exact ARN",
      document: JSON.stringify(
        policy(
          allow("dynamodb:GetItem", [
            `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`,
            `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:ta*`,
          ]),
        ),
      ),
      statement: 0,
      message: ":ta*",
      fix: allow(
        ["dynamodb:GetItem"],
        [
          `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`,
          `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/TABLE_NAME`,
        ],
      ),
    },
    {
      name: "every function, with question marks",
      document: policy(allow("lambda:InvokeFunction", `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:?*`)),
      statement: 0,
      message: "function:?*",
      fix: allow(["lambda:InvokeFunction"], [`arn:aws:lambda:eu-central-1:${ACCOUNT}:function:NAME`]),
    },
    {
      name: "an index of every table",
      document: policy(allow("dynamodb:Query", `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/*/index/byDate`)),
      statement: 0,
      message: "table/*/index/byDate",
      fix: allow(["dynamodb:Query"], [`arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/NAME/index/byDate`]),
    },
    {
      name: "an ARN that ends early",
      document: policy(allow("sqs:SendMessage", "arn:aws:sqs:*")),
      statement: 0,
      message: '"arn:aws:sqs:*"',
    },
    {
      name: "an ARN of any service",
      document: policy(allow("sqs:SendMessage", "arn:aws:*:*:*:*")),
      statement: 0,
      message: '"arn:aws:*:*:*:*"',
    },
    {
      name: "a tag that the action doesn't support",
      document: policy(
        allow("sns:Publish", `arn:aws:sns:eu-central-1:${ACCOUNT}:*`, {
          Condition: { StringEquals: { "s3:ExistingObjectTag/team": "orders" } },
        }),
      ),
      statement: 0,
      message: `:${ACCOUNT}:*`,
      fix: allow(["sns:Publish"], [`arn:aws:sns:eu-central-1:${ACCOUNT}:NAME`], {
        Condition: { StringEquals: { "s3:ExistingObjectTag/team": ["orders"] } },
      }),
    },
  ],
  good: [
    {
      name: "a name prefix",
      document: policy(allow("dynamodb:GetItem", `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders-*`)),
    },
    { name: "the objects of one bucket", document: policy(allow("s3:GetObject", "arn:aws:s3:::orders/*")) },
    {
      name: "any Region",
      document: policy(allow("dynamodb:GetItem", `arn:aws:dynamodb:*:${ACCOUNT}:table/orders`)),
    },
    {
      name: "every index of one table",
      document: policy(allow("dynamodb:Query", `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders/index/*`)),
    },
    { name: "a person's own folder", document: policy(allow("s3:GetObject", "arn:aws:s3:::orders/${aws:username}/*")) },
    { name: "a Deny", document: policy(deny("s3:GetObject", "arn:aws:s3:::*")) },
    {
      name: "instances with a tag that the action supports",
      document: policy(
        allow("ec2:StopInstances", `arn:aws:ec2:eu-central-1:${ACCOUNT}:instance/*`, {
          Condition: { StringEquals: { "aws:ResourceTag/team": "orders" } },
        }),
      ),
    },
    {
      name: "an instance that doesn't exist yet",
      document: policy(allow("ec2:RunInstances", `arn:aws:ec2:eu-central-1:${ACCOUNT}:instance/*`)),
    },
    {
      name: "streams of a log group",
      document: policy(
        allow("logs:PutLogEvents", `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/aws/lambda/orders:*`),
      ),
    },
    { name: "a boundary", context: { kind: "boundary" }, document: policy(allow("s3:GetObject", "arn:aws:s3:::*")) },
  ],
});
