import { credentialsExposure } from "../../../rules/document/credentialsExposure.ts";
import { ACCOUNT, allow, deny, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

describeDocumentRule(credentialsExposure, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "any role, by an action in unusual case",
      document: policy(allow("STS:assumerole", "*")),
      statement: 0,
      message: "sts:AssumeRole returns credentials, and the statement covers every resource",
      fix: allow(["sts:AssumeRole"], [`arn:aws:iam::${ACCOUNT}:role/ROLE_NAME_WITH_PATH`]),
    },
    {
      name: "every database user",
      document: JSON.stringify(policy(allow("rds-db:connect", `arn:aws:rds-db:eu-central-1:${ACCOUNT}:dbuser:*`))),
      statement: 0,
      message: "rds-db:connect",
      fix: allow(["rds-db:connect"], [`arn:aws:rds-db:REGION:${ACCOUNT}:dbuser:DBI_RESOURCE_ID/DB_USER_NAME`]),
    },
    {
      name: "keys for any user, if the caller is in the office",
      document: policy(
        allow("iam:CreateAccessKey", "*", { Condition: { IpAddress: { "aws:SourceIp": "198.51.100.0/24" } } }),
      ),
      statement: 0,
      message: "iam:CreateAccessKey",
      fix: allow(["iam:CreateAccessKey"], [`arn:aws:iam::${ACCOUNT}:user/USER_NAME_WITH_PATH`], {
        Condition: { IpAddress: { "aws:SourceIp": ["198.51.100.0/24"] } },
      }),
    },
    {
      name: "an action without resource types",
      document: policy(allow("cognito-identity:GetOpenIdToken", "*")),
      statement: 0,
      message: "cognito-identity:GetOpenIdToken",
    },
  ],
  good: [
    { name: "one role", document: policy(allow("sts:AssumeRole", `arn:aws:iam::${ACCOUNT}:role/reader`)) },
    {
      name: "the caller's own access keys",
      document: policy(allow("iam:CreateAccessKey", `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`)),
    },
    { name: "the caller's own identity", document: policy(allow("sts:GetCallerIdentity", "*")) },
    {
      name: "roles with a tag",
      document: policy(
        allow("sts:AssumeRole", "*", { Condition: { StringEquals: { "aws:ResourceTag/team": "orders" } } }),
      ),
    },
    {
      name: "actions that a Deny overrides",
      document: policy(allow("sts:AssumeRole", "*"), deny("sts:Assume*", "*")),
    },
  ],
});
