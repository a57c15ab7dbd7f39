import { dataExfiltration } from "../../../rules/document/dataExfiltration.ts";
import { ACCOUNT, allow, deny, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

describeDocumentRule(dataExfiltration, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "every secret, in unusual case",
      document: policy(allow("SecretsManager:getsecretvalue", "*")),
      statement: 0,
      message: "secretsmanager:GetSecretValue reads data, and the statement covers every resource",
      fix: allow(["secretsmanager:GetSecretValue"], [`arn:aws:secretsmanager:REGION:${ACCOUNT}:secret:SECRET_ID`]),
    },
    {
      name: "every parameter in a Region in China",
      context: { kind: "identity", account: ACCOUNT, partition: "aws-cn", region: "cn-north-1" },
      document: policy(allow("ssm:GetParametersByPath", `arn:aws-cn:ssm:cn-north-1:${ACCOUNT}:parameter/*`)),
      statement: 0,
      message: "ssm:GetParametersByPath",
      fix: allow(
        ["ssm:GetParametersByPath"],
        [`arn:aws-cn:ssm:cn-north-1:${ACCOUNT}:parameter/PARAMETER_NAME_WITHOUT_LEADING_SLASH`],
      ),
    },
    {
      name: "a read action among others",
      document: JSON.stringify(policy(allow(["kms:Decrypt", "kms:DescribeKey"], "*"))),
      statement: 0,
      message: "kms:Decrypt read",
      fix: allow(["kms:Decrypt"], [`arn:aws:kms:REGION:${ACCOUNT}:key/KEY_ID`]),
    },
    {
      name: "a wildcard that includes a read action",
      document: policy(allow("sqs:Receive*", "*")),
      statement: 0,
      message: "sqs:ReceiveMessage",
      fix: allow(["sqs:ReceiveMessage"], [`arn:aws:sqs:REGION:${ACCOUNT}:QUEUE_NAME`]),
    },
    {
      name: "a condition that only negates",
      document: policy(
        allow("dynamodb:Scan", "*", { Condition: { StringNotEquals: { "aws:ResourceTag/secret": "true" } } }),
      ),
      statement: 0,
      message: "dynamodb:Scan",
      fix: allow(
        ["dynamodb:Scan"],
        [
          `arn:aws:dynamodb:REGION:${ACCOUNT}:table/TABLE_NAME/index/INDEX_NAME`,
          `arn:aws:dynamodb:REGION:${ACCOUNT}:table/TABLE_NAME`,
        ],
        {
          Condition: { StringNotEquals: { "aws:ResourceTag/secret": ["true"] } },
        },
      ),
    },
  ],
  good: [
    {
      name: "secrets in a batch, which also needs the permission to read each secret",
      document: policy(allow("secretsmanager:BatchGetSecretValue", "*")),
    },
    {
      name: "one secret",
      document: policy(
        allow("secretsmanager:GetSecretValue", `arn:aws:secretsmanager:eu-central-1:${ACCOUNT}:secret:orders-??????`),
      ),
    },
    {
      name: "parameters under a path",
      document: policy(allow("ssm:GetParametersByPath", `arn:aws:ssm:eu-central-1:${ACCOUNT}:parameter/orders/*`)),
    },
    {
      name: "actions that read only metadata",
      document: policy(allow(["s3:ListAllMyBuckets", "dynamodb:DescribeTable"], "*")),
    },
    {
      name: "objects with a tag",
      document: policy(
        allow("s3:GetObject", "*", { Condition: { StringEquals: { "s3:ExistingObjectTag/public": "yes" } } }),
      ),
    },
    {
      name: "actions that a Deny overrides",
      document: policy(allow("ssm:GetParameter", "*"), deny(["ssm:*", "kms:*"], "*")),
    },
    { name: "a boundary", context: { kind: "boundary" }, document: policy(allow("s3:GetObject", "*")) },
  ],
});
