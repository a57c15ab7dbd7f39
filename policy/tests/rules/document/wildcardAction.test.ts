import { wildcardAction } from "../../../rules/document/wildcardAction.ts";
import { ACCOUNT, allow, deny, policy, trust } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const ORDERS = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`;
const fixed = (resource: string) => allow(["SERVICE:ACTION"], [resource]);

describeDocumentRule(wildcardAction, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "a service's name in unusual case",
      document: policy(allow("DynamoDB:*", ORDERS)),
      statement: 0,
      message: '"DynamoDB:*" allows dynamodb:',
      fix: fixed(ORDERS),
    },
    {
      name: "an asterisk next to a question mark, as JSON text",
      document: JSON.stringify(policy(allow("dynamodb:?*", ORDERS))),
      statement: 0,
      message: '"dynamodb:?*"',
      fix: fixed(ORDERS),
    },
    {
      name: "a pattern that matches services",
      document: policy(allow("dynamo*:GetItem", ORDERS)),
      statement: 0,
      message: '"dynamo*:GetItem" allows dynamodb:GetItem',
      fix: fixed(ORDERS),
    },
    {
      name: "every service, in the second of two statements",
      document: policy(allow("dynamodb:GetItem", ORDERS), allow("*:*", ORDERS)),
      statement: 1,
      message: "more",
      fix: fixed(ORDERS),
    },
    {
      name: "a wildcard among named actions, which the fix keeps",
      document: policy(allow(["dynamodb:GetItem", "sqs:*"], ORDERS, { Sid: "Mixed" })),
      statement: 0,
      message: '"sqs:*"',
      fix: allow(["dynamodb:GetItem", "SERVICE:ACTION"], [ORDERS], { Sid: "Mixed" }),
    },
    {
      name: "a service that doesn't exist yet",
      document: policy(allow("timetravel:*", ORDERS)),
      statement: 0,
      message: 'the action "timetravel:*" allows every action that the service will have',
      fix: fixed(ORDERS),
    },
    {
      name: "a condition that doesn't limit the actions",
      document: policy(
        allow("s3:*", "arn:aws-cn:s3:::orders/*", { Condition: { Bool: { "aws:SecureTransport": true } } }),
      ),
      statement: 0,
      message: '"s3:*"',
      fix: allow(["SERVICE:ACTION"], ["arn:aws-cn:s3:::orders/*"], {
        Condition: { Bool: { "aws:SecureTransport": ["true"] } },
      }),
    },
    {
      name: "a trust policy",
      context: { kind: "trust", account: ACCOUNT },
      document: policy({ ...trust({ Service: "lambda.amazonaws.com" }), Action: "sts:*" }),
      statement: 0,
      message: '"sts:*"',
      fix: { Effect: "Allow", Principal: { Service: ["lambda.amazonaws.com"] }, Action: ["sts:AssumeRole"] },
    },
    {
      name: "a key policy for a principal other than the account",
      context: { kind: "resource", service: "kms", account: ACCOUNT },
      document: policy({
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/admin` },
        Action: "kms:*",
        Resource: "*",
      }),
      statement: 0,
      message: '"kms:*"',
      fix: {
        Effect: "Allow",
        Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:role/admin`] },
        Action: ["SERVICE:ACTION"],
        Resource: ["*"],
      },
    },
  ],
  good: [
    { name: "a Deny of everything", document: policy(deny("*", "*")) },
    {
      name: "a Deny with NotAction that limits people to one service",
      document: policy({ Effect: "Deny", NotAction: "s3:*", Resource: "*" }),
    },
    { name: "a wildcard after the start of an action's name", document: policy(allow("dynamodb:Get*", ORDERS)) },
    { name: "a boundary", context: { kind: "boundary" }, document: policy(allow("*", "*")) },
    {
      name: "a key policy in China that delegates to the account",
      context: { kind: "resource", service: "kms", account: ACCOUNT },
      document: policy({
        Effect: "Allow",
        Principal: { AWS: `arn:aws-cn:iam::${ACCOUNT}:root` },
        Action: "kms:*",
        Resource: "*",
      }),
    },
    { name: "asterisks in a resource's name", document: policy(allow("s3:GetObject", "arn:aws:s3:::orders/*:*")) },
  ],
});
