import { unknownConditionKey } from "../../../rules/document/unknownConditionKey.ts";
import { ACCOUNT, allow, deny, policy, trust } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const BUCKET = "arn:aws:s3:::orders";
const when = (operator: string, key: string, value: string) => ({ Condition: { [operator]: { [key]: value } } });

describeDocumentRule(unknownConditionKey, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "a misspelled global key",
      document: policy(allow("s3:ListBucket", BUCKET, when("StringEquals", "aws:SourceAcount", ACCOUNT))),
      statement: 0,
      message: '"aws:SourceAcount": AWS has no such global key',
      fix: "use aws:SourceAccount",
    },
    {
      name: "a misspelled key in a Deny",
      document: policy(deny("s3:*", "*", when("Bool", "aws:SecureTransports", "false"))),
      statement: 0,
      message: '"aws:SecureTransports"',
      fix: "use aws:SecureTransport",
    },
    {
      name: "a key that the service doesn't have",
      document: policy(allow("s3:ListBucket", BUCKET, when("StringLike", "s3:prefixes", "in/*"))),
      statement: 0,
      message: "the service s3 has no such key",
      fix: "use s3:prefix",
    },
    {
      name: "a key of another service",
      document: policy(
        allow("sqs:SendMessage", `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`, when("StringEquals", "s3:prefix", "a")),
      ),
      statement: 0,
      message: "requests of sqs never have this key",
      fix: "remove the condition",
    },
    {
      name: "a misspelled key in a trust policy",
      context: { kind: "trust", account: ACCOUNT },
      document: policy(trust({ Service: "ec2.amazonaws.com" }, when("StringEquals", "aws:SourceAccounts", ACCOUNT))),
      statement: 0,
      message: '"aws:SourceAccounts"',
    },
  ],
  good: [
    {
      name: "a key in unusual case",
      document: policy(allow("s3:ListBucket", BUCKET, when("StringEquals", "AWS:sourceIP", "10.0.0.1"))),
    },
    {
      name: "a tag with a custom name",
      document: policy(allow("s3:ListBucket", BUCKET, when("StringEquals", "aws:PrincipalTag/team", "orders"))),
    },
    {
      name: "an object's tag",
      document: policy(
        allow("s3:GetObject", `${BUCKET}/*`, when("StringEquals", "s3:ExistingObjectTag/class", "public")),
      ),
    },
    {
      name: "a provider's claim",
      document: policy(
        allow("s3:GetObject", `${BUCKET}/*`, when("StringEquals", "accounts.google.com:sub", "1234567890")),
      ),
    },
    {
      name: "a key of one of the statement's services",
      document: policy(allow(["s3:ListBucket", "sqs:ListQueues"], "*", when("StringLike", "s3:prefix", "in/*"))),
    },
    {
      name: "a session's instance",
      document: policy(
        allow(
          "s3:GetObject",
          `${BUCKET}/*`,
          when("ArnEquals", "ec2:SourceInstanceARN", "arn:aws:ec2:*:*:instance/i-1"),
        ),
      ),
    },
    {
      name: "the tag of an assumed role",
      document: policy(
        allow("sts:AssumeRole", `arn:aws:iam::${ACCOUNT}:role/a`, when("StringEquals", "iam:ResourceTag/a", "b")),
      ),
    },
    {
      name: "a key with every action",
      document: policy(allow("*", "*", when("StringEquals", "s3:prefix", "a"))),
    },
  ],
});
