import { expect } from "vitest";
import { UNKNOWN } from "../../../resources/unknown.ts";
import { missingGrant, unusedGrant } from "../../../rules/stack/grantsAgainstCode.ts";
import { attachment, lambda, role, rolePolicy } from "../../resources.ts";
import { ACCOUNT, allow, deny } from "../../statements.ts";
import { describeStackRule } from "./describeStackRule.ts";

const ORDERS = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`;
const CODE = `import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
const client = new DynamoDBClient({});
export const handler = (event) => client.send(new GetItemCommand({ TableName: "orders", Key: event.key }));`;
const IDLE = "export const handler = () => {};";
const stack = (code: string, ...statements: object[]) => [
  role("app"),
  rolePolicy("grants", "app", ...statements),
  lambda("orders", "app", code),
];
const reads = allow("dynamodb:GetItem", ORDERS);
const writes = allow("dynamodb:PutItem", ORDERS);

describeStackRule(missingGrant, {
  bad: [
    {
      name: "a call that nothing allows",
      resources: stack(CODE, writes),
      resource: "orders",
      message: "the code calls dynamodb:GetItem, which the role doesn't allow, so the call will fail",
      fix: { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: expect.anything() },
      fixed: stack(CODE, reads),
    },
    {
      name: "a call that a resource's own policy allows for another role",
      resources: [
        ...stack(CODE, writes),
        {
          type: "aws:dynamodb/resourcePolicy:ResourcePolicy",
          name: "orders-table",
          props: {
            policy: {
              Version: "2012-10-17",
              Statement: { ...reads, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/other` } },
            },
          },
        },
      ],
      resource: "orders",
      message: "dynamodb:GetItem",
      fixed: stack(CODE, reads),
    },
    {
      name: "calls to two services, one of which can't be limited to resources",
      resources: stack(
        `import { EC2Client, DescribeRegionsCommand } from "@aws-sdk/client-ec2"; new EC2Client().send(new DescribeRegionsCommand({}));\n${CODE}`,
        writes,
      ),
      resource: "orders",
      message:
        "the code calls ec2:DescribeRegions, dynamodb:GetItem, which the role doesn't allow, so the call will fail",
      fix: [
        { Effect: "Allow", Action: ["ec2:DescribeRegions"], Resource: "*" },
        {
          Effect: "Allow",
          Action: ["dynamodb:GetItem"],
          Resource: ["arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE_NAME"],
        },
      ],
      fixed: stack(
        `import { EC2Client, DescribeRegionsCommand } from "@aws-sdk/client-ec2"; new EC2Client().send(new DescribeRegionsCommand({}));\n${CODE}`,
        reads,
        allow("ec2:DescribeRegions", "*"),
      ),
    },
    {
      name: "a call that another statement denies",
      resources: stack(CODE, reads, deny("DYNAMODB:get*", "*")),
      resource: "orders",
      message: "dynamodb:GetItem",
      fixed: stack(CODE, reads, deny("dynamodb:Delete*", "*")),
    },
    {
      name: "an operation whose permission has a different name",
      resources: stack(
        'const { LambdaClient, InvokeCommand: I } = require("@aws-sdk/client-lambda"); new LambdaClient().send(new I({}))',
        reads,
      ),
      resource: "orders",
      message: "lambda:InvokeFunction",
      fixed: stack(
        'const { LambdaClient, InvokeCommand: I } = require("@aws-sdk/client-lambda"); new LambdaClient().send(new I({}))',
        allow("lambda:InvokeFunction", "*"),
      ),
    },
  ],
  good: [
    { name: "a wildcard that includes the call's action", resources: stack(CODE, allow("dynamodb:Get*", "*")) },
    {
      name: "an ARN that isn't known yet",
      resources: [
        role("app"),
        rolePolicy("grants", "app", { ...reads, Resource: UNKNOWN }),
        lambda("orders", "app", CODE),
      ],
    },
    {
      name: "a document that isn't known yet",
      resources: [
        role("app"),
        { type: "aws:iam/rolePolicy:RolePolicy", name: "grants", props: { role: "app", policy: UNKNOWN } },
        lambda("orders", "app", CODE),
      ],
    },
    {
      name: "a policy from elsewhere, whose document isn't known",
      resources: [
        role("app"),
        attachment("more", "app", `arn:aws:iam::${ACCOUNT}:policy/elsewhere`),
        lambda("orders", "app", CODE),
      ],
    },
    {
      name: "calls that anyone can make",
      resources: stack(
        'import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts"; new STSClient().send(new GetCallerIdentityCommand({}));',
        reads,
      ),
    },
    {
      name: "inline policies, one of which isn't known yet",
      resources: [
        role("app", { inlinePolicies: [{ policy: { Version: "2012-10-17", Statement: [] } }, UNKNOWN] }),
        lambda("orders", "app", CODE),
      ],
    },
    {
      name: "a list of managed policies that isn't known yet",
      resources: [role("app", { managedPolicyArns: UNKNOWN }), lambda("orders", "app", CODE)],
    },
    {
      name: "a policy that is attached to several roles at once",
      resources: [
        role("other"),
        role("app"),
        {
          type: "aws:iam/policy:Policy",
          name: "reading",
          props: { name: "reading", policy: { Version: "2012-10-17", Statement: reads } },
        },
        {
          type: "aws:iam/policyAttachment:PolicyAttachment",
          name: "reading",
          props: { roles: ["other", "app"], policyArn: `arn:aws:iam::${ACCOUNT}:policy/team/reading` },
        },
        lambda("orders", "team/app", CODE),
      ],
    },
    {
      name: "a call that the resource's own policy allows for the role",
      resources: [
        ...stack(CODE, writes),
        {
          type: "aws:dynamodb/resourcePolicy:ResourcePolicy",
          name: "orders-table",
          props: {
            policy: JSON.stringify({
              Version: "2012-10-17",
              Statement: { ...reads, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/app` } },
            }),
          },
        },
      ],
    },
    {
      name: "a call that the resource's own policy, which isn't known yet and depends on the role, may allow",
      resources: [
        ...stack(CODE, writes),
        {
          type: "aws:dynamodb/resourcePolicy:ResourcePolicy",
          name: "orders-table",
          props: { policy: UNKNOWN },
          from: { policy: ["app"] },
        },
      ],
    },
    {
      name: "calls after assuming another role",
      resources: stack(
        `import { STSClient, AssumeRoleCommand } from "@aws-sdk/client-sts"; new STSClient().send(new AssumeRoleCommand({}));\n${CODE}`,
        allow("sts:AssumeRole", `arn:aws:iam::${ACCOUNT}:role/reader`),
      ),
    },
    { name: "a role from elsewhere", resources: [lambda("orders", "elsewhere", CODE)] },
    {
      name: "code that can't be read",
      resources: [role("app"), lambda("orders", "app", CODE, { runtime: "python3.13" })],
    },
    {
      name: "a command in a comment",
      resources: stack(`// It was: client.send(new DeleteItemCommand({}))\n${CODE}`, reads),
    },
    {
      name: "a command of one service when another has a command with that name",
      resources: stack(
        `import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
         import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
         new KinesisClient().send(new PutRecordCommand({})); new FirehoseClient().send(new PutRecordBatchCommand({}));`,
        allow("kinesis:PutRecord", "*"),
        allow("firehose:PutRecordBatch", "*"),
      ),
    },
  ],
});

describeStackRule(unusedGrant, {
  bad: [
    {
      name: "an action that the code never calls",
      resources: stack(CODE, allow(["dynamodb:GetItem", "dynamodb:DeleteItem"], ORDERS)),
      resource: "orders",
      message: "the role allows dynamodb:DeleteItem, which neither the code nor a feature of the function uses",
      fix: "remove dynamodb:DeleteItem from the statement",
      fixed: stack(CODE, reads),
    },
    {
      name: "a permission for a feature that the function doesn't use",
      resources: stack(IDLE, allow("xray:PutTraceSegments", "*")),
      resource: "orders",
      message: "xray:PutTraceSegments",
      fix: "remove xray:PutTraceSegments from the statement",
      fixed: [
        role("app"),
        rolePolicy("grants", "app", allow("xray:PutTraceSegments", "*")),
        lambda("orders", "app", IDLE, { tracingConfig: { mode: "Active" } }),
      ],
    },
    {
      name: "a grant whose ARN isn't known yet",
      resources: [
        role("app"),
        rolePolicy("grants", "app", { ...writes, Resource: UNKNOWN }),
        lambda("orders", "app", IDLE),
      ],
      resource: "orders",
      message: "dynamodb:PutItem",
      fixed: [role("app"), lambda("orders", "app", IDLE)],
    },
  ],
  good: [
    {
      name: "log writing, which all code needs",
      resources: stack(IDLE, allow(["logs:CreateLogStream", "logs:PutLogEvents"], "*")),
    },
    { name: "a wildcard, which another rule reports", resources: stack(IDLE, allow("dynamodb:*", ORDERS)) },
    {
      name: "code that imports a missing package",
      resources: stack(`import stripe from "stripe";\n${CODE}`, reads, writes),
    },
    {
      name: "an operation whose required permission isn't known",
      resources: stack(
        'import { DynamoDBClient, ExecuteStatementCommand } from "@aws-sdk/client-dynamodb"; new ExecuteStatementCommand({})',
        allow("dynamodb:PartiQLSelect", ORDERS),
      ),
    },
    {
      name: "code in a bucket",
      resources: [
        role("app"),
        rolePolicy("grants", "app", writes),
        lambda("orders", "app", "", { code: undefined, s3Bucket: "code" }),
      ],
    },
    {
      name: "a command that one file passes to another",
      resources: [
        role("app"),
        rolePolicy("grants", "app", reads),
        lambda("orders", "app", "", {
          code: {
            assets: {
              "sdk.mjs": { text: 'export { GetItemCommand } from "@aws-sdk/client-dynamodb";' },
              "index.mjs": {
                text: 'import { GetItemCommand as Get } from "../../stackRules/sdk.mjs"; client.send(new Get({}));',
              },
            },
          },
        }),
      ],
    },
    { name: "a Deny", resources: stack(CODE, reads, deny("dynamodb:DeleteItem", "*")) },
  ],
});
