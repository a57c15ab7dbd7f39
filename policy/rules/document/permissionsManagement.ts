import type { Action } from "@serverless-chat/iam";
import { problemsOfWideGrants } from "../../document/reach.ts";
import { onTheirResources } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

/** What opens a resource to others, though the catalog counts it as a plain write. */
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

const managesPermissions = ({ name, level }: Action) =>
  name !== "iam:PassRole" && (level === "permissions" || EXPOSES.has(name));

export const permissionsManagement: DocumentRule = {
  id: "permissions-management",
  severity: "high",
  title: "Permissions can be changed, or resources opened to others, anywhere",
  kinds: ["identity"],
  check: (subject) =>
    problemsOfWideGrants(
      subject,
      managesPermissions,
      (actions) => `${actions} say who may do what, and for all resources`,
      ({ statement }, actions) => onTheirResources(statement, actions, subject.context),
    ),
};
