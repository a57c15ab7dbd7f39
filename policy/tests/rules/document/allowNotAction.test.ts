import { allowNotAction } from "../../../rules/document/allowNotAction.ts";
import { ACCOUNT, allow, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const ADVICE = "list the allowed actions under Action; to forbid an action, add a separate Deny statement";

describeDocumentRule(allowNotAction, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "all but one service",
      document: policy({ Effect: "Allow", NotAction: "iam:*", Resource: "*" }),
      statement: 0,
      message: "NotAction with Allow allows every action except iam:*, including actions that AWS adds later",
      fix: ADVICE,
    },
    {
      name: "all but two actions on one resource, after an ordinary statement, as JSON text",
      document: JSON.stringify(
        policy(allow("sqs:SendMessage", "arn:aws-cn:sqs:cn-north-1:111122223333:a"), {
          Effect: "Allow",
          NotAction: ["S3:DeleteBucket", "s3:deleteobject"],
          Resource: "arn:aws-cn:s3:::orders/*",
        }),
      ),
      statement: 1,
      message: "S3:DeleteBucket, s3:deleteobject",
      fix: ADVICE,
    },
    {
      name: "all but one service under a condition",
      document: policy({
        Effect: "Allow",
        NotAction: "iam:*",
        Resource: "*",
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
      }),
      statement: 0,
      message: "NotAction with Allow",
      fix: ADVICE,
    },
    {
      name: "a resource policy",
      context: { kind: "resource", service: "s3", account: ACCOUNT },
      document: policy({
        Effect: "Allow",
        Principal: { AWS: ACCOUNT },
        NotAction: "s3:DeleteBucket",
        Resource: "arn:aws:s3:::orders",
      }),
      statement: 0,
      message: "NotAction with Allow allows every action except s3:DeleteBucket, including actions that AWS adds later",
      fix: ADVICE,
    },
  ],
  good: [
    {
      name: "a guardrail: a Deny for all actions except some",
      document: policy({
        Effect: "Deny",
        NotAction: ["iam:*", "sts:*"],
        Resource: "*",
        Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
      }),
    },
    {
      name: "NotResource next to Action",
      document: policy({ Effect: "Allow", Action: "s3:GetObject", NotResource: "arn:aws:s3:::a/*" }),
    },
    {
      name: "a boundary, which only limits",
      context: { kind: "boundary" },
      document: policy({ Effect: "Allow", NotAction: "iam:*", Resource: "*" }),
    },
  ],
});
