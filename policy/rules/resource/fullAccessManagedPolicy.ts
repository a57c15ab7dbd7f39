import type { ResourceRule } from "../rule.ts";

/** AWS's policies that allow a whole service, or all of them, and more than reading. */
const FULL_ACCESS =
  /:aws:policy\/(?:[\w+=,.@-]+\/)*(AdministratorAccess|PowerUserAccess|IAMFullAccess|SystemAdministrator|SecretsManagerReadWrite|DatabaseAdministrator|NetworkAdministrator|DataScientist|\w*FullAccess\w*|\w*_FullAccess|AWSLambdaRole|AWSLambda_FullAccess|AdministratorAccess-\w+|Amazon\w*Admin\w*|AWS\w*Admin\w*|\w*PowerUser\w*)$/;

const ATTACHMENTS = [
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:iam/userPolicyAttachment:UserPolicyAttachment",
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
  "aws:iam/policyAttachment:PolicyAttachment",
  "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
];

export const fullAccessManagedPolicy: ResourceRule = {
  id: "full-access-managed-policy",
  severity: "high",
  title: "A policy of AWS's is attached that allows a whole service",
  types: [
    ...ATTACHMENTS,
    "aws:iam/role:Role",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
  ],
  check: ({ props: { policyArn, managedPolicyArn, managedPolicyArns, policyArns } }) =>
    [policyArn, managedPolicyArn, managedPolicyArns, policyArns]
      .flat()
      .filter((arn): arn is string => typeof arn === "string" && FULL_ACCESS.test(arn))
      .map((arn) => ({
        message: `${arn} allows far more than one use needs, and AWS may add to it`,
        fix: "write a policy with the actions that are called on the resources that they are called on",
      })),
};
