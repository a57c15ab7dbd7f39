import { neverApplies } from "../../../rules/document/neverApplies.ts";
import { ACCOUNT, allow, deny, policy, trust, trustOfWebIdentity } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const BUCKET = "arn:aws:s3:::orders";
const GITHUB = "token.actions.githubusercontent.com";
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`;
const when = (operator: string, key: string, ...values: unknown[]) => ({
  Condition: { [operator]: { [key]: values } },
});
const reading = (operator: string, key: string, ...values: unknown[]) =>
  policy(allow("s3:GetObject", `${BUCKET}/*`, when(operator, key, ...values)));

describeDocumentRule(neverApplies, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "a wildcard for branches under StringEquals",
      context: { kind: "trust", account: ACCOUNT },
      document: policy(
        trustOfWebIdentity(PROVIDER, {
          StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com", [`${GITHUB}:sub`]: "repo:acme/shop:*" },
        }),
      ),
      statement: 0,
      message: "in which the asterisk isn't a wildcard, so it never matches",
      fix: { Condition: { StringLike: { [`${GITHUB}:sub`]: ["repo:acme/shop:*"] } } },
    },
    {
      name: "a wildcard in a Deny that exempts some roles",
      document: policy(
        deny("s3:*", "*", when("StringNotEquals", "aws:PrincipalArn", `arn:aws:iam::${ACCOUNT}:role/a*`)),
      ),
      statement: 0,
      message: "so the condition always holds",
      fix: { Condition: { StringNotLike: { "aws:PrincipalArn": [`arn:aws:iam::${ACCOUNT}:role/a*`] } } },
    },
    ...[
      ["a word instead of a boolean", "Bool", "aws:SecureTransport", "yes", "neither true nor false"],
      ["a word instead of a number", "NumericLessThan", "aws:MultiFactorAuthAge", "1h", "isn't a number"],
      ["a word instead of a date", "DateLessThan", "aws:CurrentTime", "tomorrow", "isn't a date"],
      ["a prefix that is too long", "IpAddress", "aws:SourceIp", "10.0.0.0/33", "isn't a range of IP addresses"],
      ["a name instead of an ARN", "ArnEquals", "aws:PrincipalArn", "deploy", "isn't an ARN"],
      ["a network as text", "StringEquals", "aws:SourceIp", "203.0.113.0/24", "which is a range, and only IpAddress"],
      ["a private address", "IpAddress", "aws:SourceIp", "192.168.0.0/16", "a private address"],
      ["11 digits", "StringEquals", "aws:PrincipalAccount", "11112222333", "isn't an account of 12 digits"],
      [
        "an organizational unit instead of the organization",
        "StringEquals",
        "aws:PrincipalOrgID",
        "ou-ab12-cd34",
        "isn't the id of an org",
      ],
      ["a VPC instead of its endpoint", "StringEquals", "aws:SourceVpce", "vpc-0123", "isn't the id of a VPC endpoint"],
      ["an account instead of an ARN", "StringEquals", "aws:PrincipalArn", ACCOUNT, "isn't an ARN"],
      [
        "a session instead of its role",
        "ArnLike",
        "aws:PrincipalArn",
        `arn:aws:sts::${ACCOUNT}:assumed-role/app/i-1`,
        "which is a session, whereas requests have the ARN of its role",
      ],
      ["an Availability Zone", "StringEquals", "aws:RequestedRegion", "eu-central-1a", "an Availability Zone"],
    ].map(([name = "", operator = "", key = "", value = "", message = ""]) => ({
      name,
      document: reading(operator, key, value),
      statement: 0,
      message,
    })),
    {
      name: "a service's short name in iam:PassedToService",
      document: policy(
        allow(
          "iam:PassRole",
          `arn:aws:iam::${ACCOUNT}:role/app`,
          when("StringEquals", "iam:PassedToService", "lambda"),
        ),
      ),
      statement: 0,
      message: "isn't a service's name",
    },
    {
      name: "an account of 11 digits in an ARN",
      document: policy(allow("sqs:SendMessage", "arn:aws:sqs:eu-central-1:11112222333:orders")),
      statement: 0,
      message: "an account of 11 digits",
    },
    {
      name: "a parameter's name with its leading slash",
      document: policy(allow("ssm:GetParameter", `arn:aws:ssm:eu-central-1:${ACCOUNT}:parameter//orders/db`)),
      statement: 0,
      message: "two slashes",
      fix: {
        Effect: "Allow",
        Action: ["ssm:GetParameter"],
        Resource: [`arn:aws:ssm:eu-central-1:${ACCOUNT}:parameter/orders/db`],
      },
    },
    ...["${aws.username}", "${aws:usrname}", "${username}"].map((variable) => ({
      name: `the variable ${variable}`,
      document: policy(allow("s3:GetObject", `${BUCKET}/${variable}/*`)),
      statement: 0,
      message: `the variable ${variable}, which IAM doesn't know`,
    })),
    {
      name: "an identity provider with sts:AssumeRole",
      context: { kind: "trust", account: ACCOUNT },
      document: policy(trust({ Federated: PROVIDER }, when("StringEquals", `${GITHUB}:sub`, "repo:acme/shop:x"))),
      statement: 0,
      message: "can't assume a role with sts:AssumeRole",
      fix: "use sts:AssumeRoleWithWebIdentity",
    },
  ],
  good: [
    { name: "a wildcard under StringLike", document: reading("StringLike", "aws:PrincipalTag/team", "orders-*") },
    {
      name: "a wildcard under ArnEquals",
      document: reading("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/deploy"),
    },
    { name: "an escaped asterisk", document: reading("StringEquals", "aws:PrincipalTag/team", "${*}") },
    { name: "a boolean instead of text", document: reading("Bool", "aws:SecureTransport", true) },
    { name: "seconds since 1970", document: reading("DateLessThan", "aws:CurrentTime", "1893456000") },
    {
      name: "a private network next to a public one",
      document: reading("IpAddress", "aws:SourceIp", "203.0.113.0/24", "10.0.0.0/8"),
    },
    { name: "an IPv6 network", document: reading("IpAddress", "aws:SourceIp", "2001:db8::/32") },
    { name: "private addresses in a VPC", document: reading("IpAddress", "aws:VpcSourceIp", "10.0.0.0/16") },
    {
      name: "a variable with a default",
      document: policy(allow("s3:GetObject", `${BUCKET}/\${aws:PrincipalTag/team, 'none'}/*`)),
    },
    {
      name: "another provider's variable",
      document: policy(allow("s3:GetObject", `${BUCKET}/\${cognito-identity.amazonaws.com:sub}/*`)),
    },
    {
      name: "session tags in addition to the action that assumes the role",
      context: { kind: "trust", account: ACCOUNT },
      document: policy({
        Effect: "Allow",
        Principal: { Federated: PROVIDER },
        Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        Condition: { StringEquals: { [`${GITHUB}:sub`]: "repo:acme/shop:ref:refs/heads/main" } },
      }),
    },
  ],
});
