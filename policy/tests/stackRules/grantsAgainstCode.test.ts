import { expect } from "vitest";
import { UNKNOWN } from "../../resources/unknown.ts";
import { missingGrant, unusedGrant } from "../../stackRules/grantsAgainstCode.ts";
import { ACCOUNT, allow, deny } from "../rules/written.ts";
import { describeStackRule } from "./describeStackRule.ts";
import { attachment, lambda, role, rolePolicy } from "./resources.ts";

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
      message: "its code calls dynamodb:GetItem, and its role does not allow it",
      fix: { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: expect.anything() },
      mended: stack(CODE, reads),
    },
    {
      name: "a call that another statement denies",
      resources: stack(CODE, reads, deny("DYNAMODB:get*", "*")),
      resource: "orders",
      message: "dynamodb:GetItem",
      mended: stack(CODE, reads, deny("dynamodb:Delete*", "*")),
    },
    {
      name: "an operation whose permission has another name",
      resources: stack(
        'const { LambdaClient, InvokeCommand: I } = require("@aws-sdk/client-lambda"); new LambdaClient().send(new I({}))',
        reads,
      ),
      resource: "orders",
      message: "lambda:InvokeFunction",
      mended: stack(
        'const { LambdaClient, InvokeCommand: I } = require("@aws-sdk/client-lambda"); new LambdaClient().send(new I({}))',
        allow("lambda:InvokeFunction", "*"),
      ),
    },
  ],
  good: [
    { name: "a wildcard that has it within", resources: stack(CODE, allow("dynamodb:Get*", "*")) },
    {
      name: "an ARN that is not known yet",
      resources: [
        role("app"),
        rolePolicy("grants", "app", { ...reads, Resource: UNKNOWN }),
        lambda("orders", "app", CODE),
      ],
    },
    {
      name: "a document that is not known yet",
      resources: [
        role("app"),
        { type: "aws:iam/rolePolicy:RolePolicy", name: "grants", props: { role: "app", policy: UNKNOWN } },
        lambda("orders", "app", CODE),
      ],
    },
    {
      name: "a policy from elsewhere, which nobody can read here",
      resources: [
        role("app"),
        attachment("more", "app", `arn:aws:iam::${ACCOUNT}:policy/elsewhere`),
        lambda("orders", "app", CODE),
      ],
    },
    { name: "a role from elsewhere", resources: [lambda("orders", "elsewhere", CODE)] },
    {
      name: "code that cannot be read",
      resources: [role("app"), lambda("orders", "app", CODE, { runtime: "python3.13" })],
    },
    {
      name: "a command in a comment",
      resources: stack(`// It was: client.send(new DeleteItemCommand({}))\n${CODE}`, reads),
    },
    {
      name: "a command of one service where another has one of that name",
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
      message: "its role allows dynamodb:DeleteItem, and neither its code nor a feature of it uses that",
      fix: "take dynamodb:DeleteItem out of the statement",
      mended: stack(CODE, reads),
    },
    {
      name: "a feature that the function does not have",
      resources: stack(IDLE, allow("xray:PutTraceSegments", "*")),
      resource: "orders",
      message: "xray:PutTraceSegments",
      fix: "take xray:PutTraceSegments out",
      mended: [
        role("app"),
        rolePolicy("grants", "app", allow("xray:PutTraceSegments", "*")),
        lambda("orders", "app", IDLE, { tracingConfig: { mode: "Active" } }),
      ],
    },
    {
      name: "a grant whose ARN is not known yet",
      resources: [
        role("app"),
        rolePolicy("grants", "app", { ...writes, Resource: UNKNOWN }),
        lambda("orders", "app", IDLE),
      ],
      resource: "orders",
      message: "dynamodb:PutItem",
      mended: [role("app"), lambda("orders", "app", IDLE)],
    },
  ],
  good: [
    { name: "logs", resources: stack(IDLE, allow(["logs:CreateLogStream", "logs:PutLogEvents"], "*")) },
    { name: "a wildcard, which is another rule's", resources: stack(IDLE, allow("dynamodb:*", ORDERS)) },
    {
      name: "code that brings in a package that is not here",
      resources: stack(`import stripe from "stripe";\n${CODE}`, reads, writes),
    },
    {
      name: "an operation of which it is not known what it needs",
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
    { name: "a Deny", resources: stack(CODE, reads, deny("dynamodb:DeleteItem", "*")) },
  ],
});
