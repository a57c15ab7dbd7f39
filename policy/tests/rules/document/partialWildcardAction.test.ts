import { partialWildcardAction } from "../../../rules/document/partialWildcardAction.ts";
import { ACCOUNT, allow, deny, policy, trust } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const ORDERS = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/orders`;

describeDocumentRule(partialWildcardAction, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "the beginning of a name, in unusual case",
      document: policy(allow("DYNAMODB:putI*", ORDERS)),
      statement: 0,
      message: 'the action "DYNAMODB:putI*" allows dynamodb:PutItem, and every later action with such a name',
      fix: allow(["dynamodb:PutItem"], [ORDERS]),
    },
    {
      name: "a pattern with only the end of a name",
      document: policy(allow("sqs:*Message", `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`)),
      statement: 0,
      message: "sqs:DeleteMessage",
      fix: allow(
        ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"],
        [`arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`],
      ),
    },
    {
      name: "a wildcard for one letter",
      document: policy(allow("dynamodb:?etItem", ORDERS)),
      statement: 0,
      message: "dynamodb:GetItem",
      fix: allow(["dynamodb:GetItem"], [ORDERS]),
    },
    {
      name: "a pattern next to a written-out action, as JSON text",
      document: JSON.stringify(policy(allow(["dynamodb:Query", "dynamodb:UpdateI*"], ORDERS))),
      statement: 0,
      message: '"dynamodb:UpdateI*"',
      fix: allow(["dynamodb:Query", "dynamodb:UpdateItem"], [ORDERS]),
    },
    {
      name: "more names than a person would read",
      document: policy(allow("ec2:Describe*", "*")),
      statement: 0,
      message: "more",
      fix: 'list the actions in use instead of "ec2:Describe*", which matches 194',
    },
    {
      name: "a pattern that matches nothing yet",
      document: policy(allow("dynamodb:Quux*", ORDERS)),
      statement: 0,
      message: 'the action "dynamodb:Quux*" allows no existing action, and every later action with such a name',
      fix: 'list the actions in use instead of "dynamodb:Quux*", which matches 0',
    },
    {
      name: "a trust policy",
      context: { kind: "trust" },
      document: policy({ ...trust({ Service: "ec2.amazonaws.com" }), Action: "sts:AssumeRole*" }),
      statement: 0,
      message: "sts:AssumeRole, sts:AssumeRoleWithSAML",
      fix: {
        Effect: "Allow",
        Principal: { Service: ["ec2.amazonaws.com"] },
        Action: ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"],
      },
    },
  ],
  good: [
    { name: "all actions of a service, which another rule reports", document: policy(allow("dynamodb:*", ORDERS)) },
    { name: "a Deny with a pattern", document: policy(deny("dynamodb:Delete*", "*")) },
    {
      name: "a Deny for all actions except some",
      document: policy({ Effect: "Deny", NotAction: "iam:Get*", Resource: "*" }),
    },
    {
      name: "action names that are written out",
      document: policy(allow(["dynamodb:GetItem", "dynamodb:Query"], ORDERS)),
    },
    { name: "a boundary", context: { kind: "boundary" }, document: policy(allow("dynamodb:Get*", "*")) },
    { name: "a wildcard in the service's name", document: policy(allow("dynamo*:GetItem", ORDERS)) },
  ],
});
