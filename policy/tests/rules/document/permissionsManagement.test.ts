import { permissionsManagement } from "../../../rules/document/permissionsManagement.ts";
import { ACCOUNT, allow, deny, policy } from "../../statements.ts";
import { describeDocumentRule } from "./describeDocumentRule.ts";

describeDocumentRule(permissionsManagement, {
  context: { kind: "identity", account: ACCOUNT },
  bad: [
    {
      name: "the policy of every bucket, in unusual case",
      document: policy(allow("S3:putbucketpolicy", "arn:aws:s3:::*")),
      statement: 0,
      message: "s3:PutBucketPolicy changes permissions, and the statement covers every resource",
      fix: allow(["s3:PutBucketPolicy"], ["arn:aws:s3:::BUCKET_NAME"]),
    },
    {
      name: "a plain write that opens snapshots to others",
      document: JSON.stringify(policy(allow("ec2:ModifySnapshotAttribute", "*"))),
      statement: 0,
      message: "ec2:ModifySnapshotAttribute",
      fix: allow(["ec2:ModifySnapshotAttribute"], ["arn:aws:ec2:REGION::snapshot/SNAPSHOT_ID"]),
    },
    {
      name: "adding callers to every function in GovCloud",
      context: { kind: "identity", account: ACCOUNT, partition: "aws-us-gov", region: "us-gov-east-1" },
      document: policy(allow("lambda:AddPermission", "*")),
      statement: 0,
      message: "lambda:AddPermission",
      fix: allow(["lambda:AddPermission"], [`arn:aws-us-gov:lambda:us-gov-east-1:${ACCOUNT}:function:FUNCTION_NAME`]),
    },
    {
      name: "a wildcard that includes such actions",
      document: policy(allow("kms:*Grant", "*")),
      statement: 0,
      message: "kms:CreateGrant",
      fix: allow(
        ["kms:CreateGrant", "kms:RetireGrant", "kms:RevokeGrant"],
        [`arn:aws:kms:REGION:${ACCOUNT}:key/KEY_ID`],
      ),
    },
    {
      name: "an action without resource types",
      document: policy(allow("s3:PutAccountPublicAccessBlock", "*")),
      statement: 0,
      message: "s3:PutAccountPublicAccessBlock",
    },
  ],
  good: [
    { name: "the policy of one bucket", document: policy(allow("s3:PutBucketPolicy", "arn:aws:s3:::orders")) },
    { name: "reading policies", document: policy(allow(["s3:GetBucketPolicy", "iam:GetRolePolicy"], "*")) },
    { name: "passing a role, which another rule reports", document: policy(allow("iam:PassRole", "*")) },
    { name: "a Deny", document: policy(deny("s3:PutBucketPolicy", "*")) },
    {
      name: "keys with a tag",
      document: policy(
        allow("kms:CreateGrant", "*", { Condition: { StringEquals: { "aws:ResourceTag/team": "orders" } } }),
      ),
    },
    { name: "a boundary", context: { kind: "boundary" }, document: policy(allow("iam:*", "*")) },
  ],
});
