import { publicPrincipal } from "../../../rules/document/publicPrincipal.ts";
import { ACCOUNT, policy, trust, trustOfWebIdentity } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const TRUST = { kind: "trust", account: ACCOUNT } as const;
const GITHUB = "token.actions.githubusercontent.com";
const GITHUB_PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`;
const NAMED = { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/NAME` } };
const anybody = (condition?: object, principal: unknown = "*") => ({
  Effect: "Allow",
  Principal: principal,
  Action: "s3:GetObject",
  Resource: "arn:aws:s3:::orders/*",
  ...(condition === undefined ? {} : { Condition: condition }),
});
const bound = (claim: string) => ({ Condition: { StringEquals: { [claim]: "VALUE" } } });

describeDocumentRule(publicPrincipal, {
  context: { kind: "resource", service: "s3", account: ACCOUNT },
  bad: [
    {
      name: "everyone, with an ARN that ends before the account",
      context: { kind: "resource", service: "s3", account: ACCOUNT },
      document: policy({
        ...trust("*", { Condition: { StringLike: { "aws:PrincipalArn": "arn:aws:iam::*" } } }),
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::orders/*",
      }),
      statement: 0,
      message: "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
    },
    {
      name: "everyone, in a list with a role",
      document: policy(anybody(undefined, { AWS: [`arn:aws:iam::${ACCOUNT}:role/a`, "*"] })),
      statement: 0,
      message: "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
      fix: NAMED,
    },
    {
      name: "half of the Internet, as JSON text",
      document: JSON.stringify(policy(anybody({ IpAddress: { "aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"] } }))),
      statement: 0,
      message: "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
      fix: NAMED,
    },
    {
      name: "all IPv6 addresses",
      document: policy(anybody({ IpAddress: { "aws:SourceIp": "::/0" } })),
      statement: 0,
      message: "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
      fix: NAMED,
    },
    {
      name: "everyone except one network",
      document: policy(anybody({ NotIpAddress: { "aws:SourceIp": "198.51.100.0/24" } })),
      statement: 0,
      message: "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
      fix: NAMED,
    },
    {
      name: "everyone whose organization is missing or ours",
      document: policy(anybody({ StringEqualsIfExists: { "aws:PrincipalOrgID": "o-abcdefghij" } })),
      statement: 0,
      message: "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
      fix: NAMED,
    },
    {
      name: "every organization",
      document: policy(anybody({ StringLike: { "aws:PrincipalOrgID": "o-*" } })),
      statement: 0,
      message: "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
      fix: NAMED,
    },
    {
      name: "everyone over TLS",
      document: policy(anybody({ Bool: { "aws:SecureTransport": "true" } })),
      statement: 0,
      message: "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
      fix: NAMED,
    },
    {
      name: "everyone, if the stack's account isn't known",
      context: { kind: "trust" },
      document: policy(trust({ AWS: "*" })),
      statement: 0,
      message: "everyone is admitted, including callers without an AWS account, and no condition identifies the caller",
      fix: { Principal: { AWS: "arn:aws:iam::ACCOUNT:role/NAME" } },
    },
    {
      name: "tokens of every repository",
      context: TRUST,
      document: policy(
        trustOfWebIdentity(GITHUB_PROVIDER, { StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" } }),
      ),
      statement: 0,
      message: "anyone with a token of token.actions.githubusercontent.com is admitted, since no condition limits",
      fix: bound(`${GITHUB}:sub`),
    },
    {
      name: "a repository owner given only by a prefix",
      context: TRUST,
      document: policy(trustOfWebIdentity(GITHUB_PROVIDER, { StringLike: { [`${GITHUB}:sub`]: "repo:acme*:*" } })),
      statement: 0,
      message: "anyone with a token of token.actions.githubusercontent.com is admitted, since no condition limits",
      fix: bound(`${GITHUB}:sub`),
    },
    {
      name: "every Cognito pool",
      context: TRUST,
      document: policy(trustOfWebIdentity("cognito-identity.amazonaws.com")),
      statement: 0,
      message: "cognito-identity.amazonaws.com:aud",
      fix: bound("cognito-identity.amazonaws.com:aud"),
    },
    {
      name: "a token of any provider",
      context: TRUST,
      document: policy(trustOfWebIdentity("*")),
      statement: 0,
      message: "anyone with a token of any provider is admitted",
    },
    {
      name: "SAML without an audience",
      context: TRUST,
      document: policy({
        Effect: "Allow",
        Principal: { Federated: `arn:aws-cn:iam::${ACCOUNT}:saml-provider/corp` },
        Action: "sts:AssumeRoleWithSAML",
      }),
      statement: 0,
      message: "anyone with a token of corp is admitted, since no condition limits SAML:aud",
      fix: bound("SAML:aud"),
    },
  ],
  good: [
    {
      name: "everyone in an organization",
      document: policy(anybody({ StringEquals: { "AWS:PrincipalOrgId": "o-abcdefghij" } })),
    },
    {
      name: "everyone in one network",
      document: policy(anybody({ IpAddress: { "aws:SourceIp": ["198.51.100.0/24", "2001:db8::/32"] } })),
    },
    {
      name: "everyone through one endpoint",
      document: policy(anybody({ StringEquals: { "aws:SourceVpce": "vpce-0a1b2c3d" } })),
    },
    {
      name: "a Deny for everybody",
      document: policy({ ...anybody({ Bool: { "aws:SecureTransport": "false" } }), Effect: "Deny" }),
    },
    {
      name: "everyone, with a Deny for other organizations",
      document: policy(anybody(), {
        ...anybody({ StringNotEquals: { "aws:PrincipalOrgID": "o-abcdefghij" } }),
        Effect: "Deny",
      }),
    },
    { name: "a role in the account", document: policy(anybody(undefined, { AWS: `arn:aws:iam::${ACCOUNT}:role/a` })) },
    {
      name: "one repository",
      context: TRUST,
      document: policy(
        trustOfWebIdentity(GITHUB_PROVIDER, {
          StringLike: { [`${GITHUB}:sub`]: "repo:acme/orders:*" },
          StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" },
        }),
      ),
    },
    {
      name: "one identity pool",
      context: TRUST,
      document: policy(
        trustOfWebIdentity("cognito-identity.amazonaws.com", {
          StringEquals: { "cognito-identity.amazonaws.com:aud": "eu-central-1:0c2a" },
        }),
      ),
    },
  ],
});
