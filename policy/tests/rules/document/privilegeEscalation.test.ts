import { privilegeEscalation } from "../../../rules/document/privilegeEscalation.ts";
import { ACCOUNT, allow, deny, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

const ADVICE = "limit the first of these actions";
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

describeDocumentRule(privilegeEscalation, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "a launch template for machines that others start, with actions in unusual case",
      document: policy(allow(["EC2:createlaunchtemplateversion", "ec2:ModifyLaunchTemplate"], "*")),
      statement: 0,
      message: "with ec2:CreateLaunchTemplateVersion and ec2:ModifyLaunchTemplate, the holder can run code with the",
    },
    {
      name: "a role passed to an EMR job, in two statements",
      document: policy(allow("iam:Pass*", "*"), allow("emr-serverless:StartJobRun", "*")),
      statement: 0,
      message: "emr-serverless:StartJobRun",
    },
    {
      name: "a policy written into several roles, in unusual case",
      document: policy(allow("IAM:putrolepolicy", role("app-*"))),
      statement: 0,
      message: "with iam:PutRolePolicy, the holder can change its own policies or those of another principal",
      fix: ADVICE,
    },
    {
      name: "the user's own policies, by variable",
      document: policy(allow("iam:AttachUserPolicy", `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`)),
      statement: 0,
      message: "iam:AttachUserPolicy",
      fix: ADVICE,
    },
    {
      name: "steps in two statements",
      document: policy(
        allow("lambda:InvokeFunction", `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:app-*`),
        allow("iam:PassRole", role("app-*")),
        allow("lambda:CreateFunction", `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:app-*`),
      ),
      statement: 1,
      message:
        "with iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction, the holder can give a more powerful",
      fix: ADVICE,
    },
    {
      name: "a wildcard that includes such an action",
      document: policy(allow("iam:Create*Version", `arn:aws-cn:iam::${ACCOUNT}:policy/*`)),
      statement: 0,
      message: "iam:CreatePolicyVersion",
      fix: ADVICE,
    },
    {
      name: "a Deny for the same actions, with a condition that the caller can choose",
      document: policy(
        allow("iam:CreateAccessKey", "*"),
        deny("iam:CreateAccessKey", "*", { Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } } }),
      ),
      statement: 0,
      message: "get the credentials of another principal",
      fix: ADVICE,
    },
    {
      name: "the code of any function",
      document: JSON.stringify(policy(allow("lambda:UpdateFunctionCode", "*"))),
      statement: 0,
      message: "with lambda:UpdateFunctionCode, the holder can run code with the permissions of another role",
      fix: ADVICE,
    },
    {
      name: "all actions, reported once",
      document: policy(allow("*", "*")),
      statement: 0,
      message: "other ways",
      fix: ADVICE,
    },
  ],
  good: [
    { name: "the policy of one role", document: policy(allow("iam:PutRolePolicy", role("app"))) },
    {
      name: "roles under a boundary",
      document: policy(
        allow(["iam:CreateRole", "iam:PutRolePolicy"], role("app-*"), {
          Condition: { StringEquals: { "iam:PermissionsBoundary": `arn:aws:iam::${ACCOUNT}:policy/boundary` } },
        }),
      ),
    },
    {
      name: "actions that a Deny forbids without the boundary",
      document: policy(
        allow("iam:PutRolePolicy", "*"),
        deny("iam:PutRolePolicy", "*", {
          Condition: { StringNotEquals: { "iam:PermissionsBoundary": `arn:aws:iam::${ACCOUNT}:policy/boundary` } },
        }),
      ),
    },
    {
      name: "actions overridden by a Deny for everything except reading",
      document: policy(allow("iam:CreateAccessKey", "*"), { Effect: "Deny", NotAction: "iam:Get*", Resource: "*" }),
    },
    { name: "a role that is passed, and nothing to pass it to", document: policy(allow("iam:PassRole", "*")) },
    {
      name: "the code of functions with one name prefix",
      document: policy(allow("lambda:UpdateFunctionCode", `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:app-*`)),
    },
    { name: "one role that can be assumed", document: policy(allow("sts:AssumeRole", role("reader"))) },
    { name: "a boundary", context: { kind: "boundary" }, document: policy(allow("iam:*", "*")) },
  ],
});
