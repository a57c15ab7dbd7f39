import type { Action } from "@serverless-chat/iam";
import { problemsOfWideGrants } from "../../document/reach.ts";
import { onTheirResources } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

/** Actions that open a resource to others, although AWS classifies them as plain writes. */
const EXPOSES = new Set(
  `ec2:ModifySnapshotAttribute ec2:ModifyImageAttribute rds:ModifyDBSnapshotAttribute
   rds:ModifyDBClusterSnapshotAttribute lambda:AddPermission lambda:AddLayerVersionPermission
   lambda:CreateFunctionUrlConfig lambda:UpdateFunctionUrlConfig sqs:AddPermission sns:AddPermission
   ecr:SetRepositoryPolicy kms:CreateGrant s3:PutObjectAcl s3:PutBucketAcl s3:PutBucketPublicAccessBlock
   s3:PutAccountPublicAccessBlock ssm:ModifyDocumentPermission logs:PutResourcePolicy es:UpdateElasticsearchDomainConfig
   ram:CreateResourceShare ram:AssociateResourceShare`
    .split(/\s+/)
    .filter(Boolean),
);

const managesPermissions = ({ name, level, resources }: Action) =>
  name !== "iam:PassRole" && ((level === "permissions" && resources.length > 0) || EXPOSES.has(name));

export const permissionsManagement: DocumentRule = {
  id: "permissions-management",
  severity: "high",
  title: "Permissions of every resource can be changed",
  kinds: ["identity"],
  check: (subject) =>
    problemsOfWideGrants(
      subject,
      managesPermissions,
      (actions, isOne) =>
        `${actions} ${isOne ? "changes" : "change"} permissions, and the statement covers every resource`,
      ({ statement }, actions) =>
        actions.every(({ name, resources }) => resources.length === 0 || name === "kms:PutKeyPolicy")
          ? "allow these actions only in the role that manages the account, since no ARN makes them harmless"
          : onTheirResources(
              statement,
              // A principal that can write a key's policy can grant itself the key, so no ARN makes this harmless.
              actions.filter(({ name, resources }) => resources.length > 0 && name !== "kms:PutKeyPolicy"),
              subject.context,
            ),
      { includesUnlimited: true },
    ),
};
