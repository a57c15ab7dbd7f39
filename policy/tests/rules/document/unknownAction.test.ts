import { unknownAction } from "../../../rules/document/unknownAction.ts";
import { ACCOUNT, allow, deny, policy, trust } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const ORDERS = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`;
const ADVICE = "remove the action, or use a name from the service authorization reference";

describeDocumentRule(unknownAction, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "two letters in the wrong order",
      document: policy(allow("dynamodb:GetIetm", ORDERS)),
      statement: 0,
      message: 'the action "dynamodb:GetIetm" doesn\'t exist',
      fix: '"dynamodb:GetItem"',
    },
    {
      name: "the operation's name, although the permission has a different one",
      document: JSON.stringify(policy(allow("lambda:Invoke", "*"))),
      statement: 0,
      message: '"lambda:Invoke"',
      fix: ADVICE,
    },
    {
      name: "one action of several in a Deny, which therefore doesn't deny the intended action",
      document: policy(deny(["s3:DeleteObject", "s3:DeleteObjekt"], "*")),
      statement: 0,
      message: '"s3:DeleteObjekt"',
      fix: '"s3:DeleteObject"',
    },
    {
      name: "a missing letter",
      document: policy(allow("s3:PutBucketPolcy", "arn:aws:s3:::orders")),
      statement: 0,
      message: "s3:PutBucketPolcy",
      fix: '"s3:PutBucketPolicy"',
    },
    {
      name: "an action of a service that doesn't exist",
      document: policy(allow("dynamdb:GetItem", ORDERS)),
      statement: 0,
      message: 'no service "dynamdb"',
      fix: ADVICE,
    },
    {
      name: "a pattern that matches nothing",
      document: policy(allow("dynamodb:Itme*", ORDERS)),
      statement: 0,
      message: '"dynamodb:Itme*"',
    },
    {
      name: "a NotAction with a typo, so the intended action is allowed",
      document: policy({ Effect: "Allow", NotAction: ["iam:*", "organisations:*"], Resource: "*" }),
      statement: 0,
      message: '"organisations"',
      fix: ADVICE,
    },
    {
      name: "a name that every JavaScript object has",
      document: policy(allow(["constructor:x", "__proto__:y"], ORDERS)),
      statement: 0,
      message: '"constructor"',
      fix: ADVICE,
    },
    {
      name: "a trust policy",
      context: { kind: "trust" },
      document: policy({ ...trust({ Service: "lambda.amazonaws.com" }), Action: "sts:AsumeRole" }),
      statement: 0,
      message: "sts:AsumeRole",
      fix: '"sts:AssumeRole"',
    },
    {
      name: "a boundary",
      context: { kind: "boundary" },
      document: policy(allow("sqs:SendMesage", "*")),
      statement: 0,
      message: "sqs:SendMesage",
      fix: '"sqs:SendMessage"',
    },
  ],
  good: [
    { name: "actions in unusual case", document: policy(allow(["DYNAMODB:getitem", "Sqs:SENDMESSAGE"], "*")) },
    { name: "wildcards that match something", document: policy(allow(["dynamodb:Get*", "s3:*", "*"], "*")) },
    {
      name: "a permission without an operation of the same name",
      document: policy(allow(["execute-api:ManageConnections", "dynamodb:PartiQLSelect"], "*")),
    },
  ],
});
