import { failsOpenCondition } from "../../../rules/document/failsOpenCondition.ts";
import { ACCOUNT, allow, deny, policy, trustOfWebIdentity } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const BUCKET = "arn:aws:s3:::orders/*";
const reads = (condition: object) => allow("s3:GetObject", BUCKET, { Condition: condition });

describeDocumentRule(failsOpenCondition, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "ForAllValues on a key that may be missing, in unusual case",
      document: policy(reads({ "forallvalues:StringEquals": { "aws:TagKeys": ["team"] } })),
      statement: 0,
      message:
        "the condition forallvalues:StringEquals on aws:TagKeys holds for every request without that key, and no other",
      fix: { Condition: { StringEquals: { "aws:TagKeys": ["team"] } } },
    },
    {
      name: "IfExists on a key that may be missing, as JSON text",
      document: JSON.stringify(policy(reads({ IpAddressIfExists: { "aws:SourceIp": "198.51.100.0/24" } }))),
      statement: 0,
      message: "IpAddressIfExists on aws:SourceIp",
      fix: { Condition: { IpAddress: { "aws:SourceIp": ["198.51.100.0/24"] } } },
    },
    {
      name: "ForAllValues and IfExists in one operator",
      document: policy(reads({ "ForAllValues:StringLikeIfExists": { "aws:PrincipalTag/team": "orders-*" } })),
      statement: 0,
      message: "ForAllValues:StringLikeIfExists",
      fix: { Condition: { StringLike: { "aws:PrincipalTag/team": ["orders-*"] } } },
    },
    {
      name: "a token's subject, together with an audience that everyone has",
      context: { kind: "trust", account: ACCOUNT },
      document: policy(
        trustOfWebIdentity(`arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`, {
          StringEquals: { "gitlab.com:aud": "https://gitlab.com" },
          "ForAllValues:StringLike": { "gitlab.com:sub": "project_path:acme/orders:*" },
        }),
      ),
      statement: 0,
      message: "ForAllValues:StringLike on gitlab.com:sub",
      fix: { Condition: { StringLike: { "gitlab.com:sub": ["project_path:acme/orders:*"] } } },
    },
    {
      name: "everyone except one network",
      document: policy(reads({ NotIpAddress: { "aws:SourceIp": "198.51.100.0/24" } })),
      statement: 0,
      message: "NotIpAddress on aws:SourceIp",
    },
    {
      name: "any value except one",
      document: policy(reads({ StringNotEquals: { "aws:SourceVpce": "vpce-0a1b" } })),
      statement: 0,
      message: "StringNotEquals on aws:SourceVpce",
    },
  ],
  good: [
    {
      name: "a Deny, whose condition fails safe",
      document: policy(deny("s3:*", "*", { Condition: { BoolIfExists: { "aws:SecureTransport": "false" } } })),
    },
    {
      name: "a condition together with one that doesn't fail open",
      document: policy(
        reads({
          StringNotEquals: { "aws:RequestedRegion": "us-east-1" },
          StringEquals: { "aws:PrincipalTag/team": "orders" },
        }),
      ),
    },
    {
      name: "a test for the presence of the key",
      document: policy(reads({ Null: { "aws:TokenIssueTime": "false" } })),
    },
    {
      name: "any of several values",
      document: policy(reads({ "ForAnyValue:StringEquals": { "aws:TagKeys": "team" } })),
    },
    {
      name: "all values, with the key required",
      document: policy(
        reads({ "ForAllValues:StringEquals": { "aws:TagKeys": "team" }, Null: { "aws:TagKeys": "false" } }),
      ),
    },
    {
      name: "a boundary",
      context: { kind: "boundary" },
      document: policy(reads({ StringEqualsIfExists: { "aws:RequestedRegion": "eu-central-1" } })),
    },
  ],
});
