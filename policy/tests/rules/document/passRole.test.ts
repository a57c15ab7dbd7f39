import { passRole } from "../../../rules/document/passRole.ts";
import { ACCOUNT, allow, deny, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const toOneService = { Condition: { StringEquals: { "iam:PassedToService": "SERVICE.amazonaws.com" } } };
const fixed = allow(["iam:PassRole"], [role("NAME")], toOneService);

describeDocumentRule(passRole, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "any role, to only one service",
      document: policy(
        allow("IAM:PASSROLE", "*", { Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } } }),
      ),
      statement: 0,
      message:
        "iam:PassRole lets its holder give any role to a service, including roles with more permissions than its own",
      fix: fixed,
    },
    {
      name: "any role in GovCloud",
      context: { kind: "identity", account: ACCOUNT, partition: "aws-us-gov" },
      document: policy(allow("iam:PassRole", `arn:aws-us-gov:iam::${ACCOUNT}:role/*`)),
      statement: 0,
      message: "any role",
      fix: allow(["iam:PassRole"], [`arn:aws-us-gov:iam::${ACCOUNT}:role/NAME`], toOneService),
    },
    {
      name: "roles with one name prefix, to any service",
      document: JSON.stringify(policy(allow("iam:PassRole", role("app-*")))),
      statement: 0,
      message: "several roles to any service",
      fix: allow(["iam:PassRole"], [role("app-*")], toOneService),
    },
    {
      name: "two roles to any service",
      document: policy(allow("iam:Pass*", [role("a"), role("b")])),
      statement: 0,
      message: "several roles",
      fix: allow(["iam:PassRole"], [role("a"), role("b")], toOneService),
    },
    {
      name: "several roles, with a negated condition on services",
      document: policy(
        allow("iam:PassRole", role("app-*"), {
          Condition: { StringNotEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
        }),
      ),
      statement: 0,
      message: "several roles",
      fix: allow(["iam:PassRole"], [role("app-*")], toOneService),
    },
    {
      name: "several roles, to every AWS service",
      document: policy(
        allow("iam:PassRole", role("app-*"), {
          Condition: { StringLike: { "iam:PassedToService": "*.amazonaws.com" } },
        }),
      ),
      statement: 0,
      message: "several roles",
      fix: allow(["iam:PassRole"], [role("app-*")], toOneService),
    },
    {
      name: "all roles except one",
      document: policy({ Effect: "Allow", Action: "iam:PassRole", NotResource: role("admin") }),
      statement: 0,
      message: "any role",
      fix: fixed,
    },
    {
      name: "roles with an unrelated condition, which the fix keeps",
      document: policy(
        allow("iam:PassRole", role("app-*"), { Condition: { StringEquals: { "aws:PrincipalTag/team": "orders" } } }),
      ),
      statement: 0,
      message: "several roles",
      fix: {
        Effect: "Allow",
        Action: ["iam:PassRole"],
        Resource: [role("app-*")],
        Condition: {
          StringEquals: { "aws:PrincipalTag/team": ["orders"], "iam:PassedToService": "SERVICE.amazonaws.com" },
        },
      },
    },
  ],
  good: [
    {
      name: "roles, if a Deny for everything except reading objects overrides it",
      document: policy(allow("iam:PassRole", "*"), {
        Effect: "Deny",
        NotAction: "s3:GetObject",
        Resource: "*",
      }),
    },
    { name: "one role", document: policy(allow("iam:PassRole", role("app"))) },
    {
      name: "roles with one name prefix, to one service",
      document: policy(
        allow("iam:PassRole", role("app-*"), {
          Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
        }),
      ),
    },
    {
      name: "roles with one name prefix, to two services, in unusual case",
      document: policy(
        allow("iam:passrole", role("app-*"), {
          Condition: {
            "ForAnyValue:StringEquals": { "IAM:passedtoservice": ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"] },
          },
        }),
      ),
    },
    { name: "a Deny", document: policy(deny("iam:PassRole", "*")) },
    { name: "reading roles", document: policy(allow("iam:GetRole", role("*"))) },
  ],
});
