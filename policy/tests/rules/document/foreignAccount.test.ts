import { foreignAccount } from "../../../rules/document/foreignAccount.ts";
import { ACCOUNT, OTHER, policy, trust } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const EXTERNAL_ID = { Condition: { StringEquals: { "sts:ExternalId": "SHARED_VALUE" } } };
const QUEUE = { kind: "resource", service: "sqs", account: ACCOUNT } as const;
const sends = (principal: unknown, more: object = {}) => ({
  Effect: "Allow",
  Principal: principal,
  Action: "sqs:SendMessage",
  Resource: `arn:aws:sqs:eu-central-1:${ACCOUNT}:orders`,
  ...more,
});

describeDocumentRule(foreignAccount, {
  context: { kind: "trust", account: ACCOUNT },
  bad: [
    {
      name: "an account, named by its 12 digits",
      document: policy(trust({ AWS: OTHER })),
      statement: 0,
      message: `${OTHER} belongs to another account`,
      fix: EXTERNAL_ID,
    },
    {
      name: "a role in China, as JSON text",
      document: JSON.stringify(policy(trust({ AWS: `arn:aws-cn:iam::${OTHER}:role/vendor` }))),
      statement: 0,
      message:
        "arn:aws-cn:iam::444455556666:role/vendor belongs to another account, which can be tricked into acting for",
      fix: EXTERNAL_ID,
    },
    {
      name: "a foreign account next to the stack's own",
      document: policy(trust({ AWS: [`arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${OTHER}:root`] })),
      statement: 0,
      message: `arn:aws:iam::${OTHER}:root belongs to another account`,
      fix: EXTERNAL_ID,
    },
    {
      name: "any external id",
      document: policy(trust({ AWS: OTHER }, { Condition: { StringLike: { "sts:ExternalId": "*" } } })),
      statement: 0,
      message: OTHER,
      fix: EXTERNAL_ID,
    },
    {
      name: "an external id, but with IfExists",
      document: policy(trust({ AWS: OTHER }, { Condition: { StringEqualsIfExists: { "sts:ExternalId": "a" } } })),
      statement: 0,
      message: OTHER,
      fix: EXTERNAL_ID,
    },
    {
      name: "two accounts if the stack's own account isn't known",
      context: { kind: "trust" },
      document: policy(trust({ AWS: [ACCOUNT, OTHER] })),
      statement: 0,
      message: OTHER,
      fix: EXTERNAL_ID,
    },
    {
      name: "a foreign account without a second factor",
      document: policy(trust({ AWS: OTHER }, { Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } } })),
      statement: 0,
      message: OTHER,
    },
    {
      name: "a session of a foreign role",
      document: policy(trust({ AWS: `arn:aws:sts::${OTHER}:assumed-role/vendor/session` })),
      statement: 0,
      message: "assumed-role/vendor",
      fix: EXTERNAL_ID,
    },
    {
      name: "a whole foreign account that may write",
      context: QUEUE,
      document: policy(sends({ AWS: OTHER })),
      statement: 0,
      message: "444455556666 belongs to another account: everyone there whose policies allow it can do this",
      fix: { Principal: { AWS: [`arn:aws:iam::${OTHER}:role/NAME`] } },
    },
    {
      name: "the stack's own role, which the fix keeps, next to a foreign account",
      context: QUEUE,
      document: policy(sends({ AWS: [`arn:aws:iam::${ACCOUNT}:role/app`, OTHER] })),
      statement: 0,
      message: OTHER,
      fix: { Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:role/app`, `arn:aws:iam::${OTHER}:role/NAME`] } },
    },
  ],
  good: [
    {
      name: "an external id",
      document: policy(trust({ AWS: OTHER }, { Condition: { StringEquals: { "STS:externalid": "7f3a" } } })),
    },
    {
      name: "an account of the organization",
      document: policy(
        trust({ AWS: OTHER }, { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-abcdefghij" } } }),
      ),
    },
    {
      name: "a foreign account with a second factor",
      document: policy(trust({ AWS: OTHER }, { Condition: { Bool: { "aws:MultiFactorAuthPresent": true } } })),
    },
    { name: "the stack's own account", document: policy(trust({ AWS: [`arn:aws:iam::${ACCOUNT}:root`, ACCOUNT] })) },
    { name: "a service", document: policy(trust({ Service: "lambda.amazonaws.com" })) },
    { name: "a Deny", document: policy({ ...trust({ AWS: OTHER }), Effect: "Deny" }) },
    {
      name: "one role of a foreign account that may write",
      context: QUEUE,
      document: policy(sends({ AWS: `arn:aws:iam::${OTHER}:role/app` })),
    },
    {
      name: "a foreign account that may read",
      context: QUEUE,
      document: policy({ ...sends({ AWS: OTHER }), Action: "sqs:ReceiveMessage" }),
    },
  ],
});
