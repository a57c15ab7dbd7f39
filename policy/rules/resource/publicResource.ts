import type { Problem } from "../../finding.ts";
import type { ResourceRule } from "../rule.ts";

type Props = Record<string, unknown>;

/** Checks by type: each returns what makes a resource public and how to close it, or undefined if it isn't public. */
const CHECKS: Record<string, (props: Props) => Problem | undefined> = {
  "aws:lambda/layerVersionPermission:LayerVersionPermission": ({ principal, organizationId }) =>
    principal === "*" && isMissing(organizationId)
      ? { message: "every AWS account can use the layer", fix: { principal: "ACCOUNT" } }
      : undefined,
  "aws:cloudwatch/eventPermission:EventPermission": ({ principal, condition }) =>
    principal === "*" && isMissing(condition)
      ? { message: "every AWS account can send events to the bus", fix: { principal: "ACCOUNT" } }
      : undefined,
  "aws:ec2/vpcEndpointService:VpcEndpointService": ({ allowedPrincipals, acceptanceRequired }) =>
    list(allowedPrincipals).includes("*") && acceptanceRequired !== true
      ? { message: "every AWS account can connect to the endpoint service", fix: { acceptanceRequired: true } }
      : undefined,
  "aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple": ({ principalArn }) =>
    principalArn === "*"
      ? {
          message: "every AWS account may connect to the endpoint service",
          fix: { principalArn: "arn:aws:iam::ACCOUNT:root" },
        }
      : undefined,
  "aws:ssm/document:Document": ({ permissions }) =>
    list((permissions as Props | undefined)?.accountIds ?? (permissions as Props | undefined)?.account_ids).some((id) =>
      String(id)
        .split(",")
        .some((one) => one.trim().toLowerCase() === "all"),
    )
      ? {
          message: "the document is shared with every AWS account",
          fix: { permissions: { type: "Share", accountIds: "ACCOUNT" } },
        }
      : undefined,
  "aws:ec2/amiLaunchPermission:AmiLaunchPermission": ({ group }) =>
    group === "all"
      ? {
          message: "every AWS account can launch the image and read its disks",
          fix: { group: undefined, accountId: "ACCOUNT" },
        }
      : undefined,
  "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": ({ accountId }) =>
    sharedSnapshot(accountId, { accountId: "ACCOUNT" }),
  "aws:rds/snapshot:Snapshot": ({ sharedAccounts }) => sharedSnapshot(sharedAccounts),
  "aws:rds/snapshotCopy:SnapshotCopy": ({ sharedAccounts }) => sharedSnapshot(sharedAccounts),
  "aws:rds/clusterSnapshot:ClusterSnapshot": ({ sharedAccounts }) => sharedSnapshot(sharedAccounts),
  "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": ({ sharedAccounts }) => sharedSnapshot(sharedAccounts),
  "aws:s3/bucket:Bucket": publicAcl,
  "aws:s3/bucketV2:BucketV2": publicAcl,
  "aws:s3/bucketAcl:BucketAcl": publicAcl,
  "aws:s3/bucketAclV2:BucketAclV2": publicAcl,
  "aws:s3/bucketObject:BucketObject": publicAcl,
  "aws:s3/bucketObjectv2:BucketObjectv2": publicAcl,
  "aws:s3/objectCopy:ObjectCopy": publicAcl,
  "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": ({ roles }) =>
    isMissing((roles as Props | undefined)?.unauthenticated)
      ? undefined
      : {
          message: "everyone on the Internet gets credentials of the unauthenticated role",
          fix: "remove the unauthenticated role, and sign people in first",
        },
  "aws:opensearch/serverlessAccessPolicy:ServerlessAccessPolicy": ({ policy }) => serverlessAccess(policy),
  "aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy": ({ type, policy }) =>
    type === "network" && entriesOf(policy).some(({ AllowFromPublic }) => AllowFromPublic === true)
      ? {
          severity: "medium",
          message: "the collection's endpoint is reachable from the Internet",
          fix: "set AllowFromPublic to false, and list the VPC endpoints under SourceVPCEs",
        }
      : undefined,
  "aws:lakeformation/permissions:Permissions": ({ principal, permissions }) =>
    /^(EVERYONE|IAM_ALLOWED_PRINCIPALS)$/i.test(String(principal))
      ? {
          message: `${String(principal)} has ${list(permissions).join(", ")}: IAM policies alone decide, and Lake Formation restricts nothing`,
          fix: { principal: "arn:aws:iam::ACCOUNT:role/NAME" },
        }
      : undefined,
  "aws:quicksight/dataSource:DataSource": quickSightPublic,
  "aws:quicksight/dataSet:DataSet": quickSightPublic,
  "aws:quicksight/dashboard:Dashboard": quickSightPublic,
  "aws:quicksight/analysis:Analysis": quickSightPublic,
  "aws:quicksight/folder:Folder": quickSightPublic,
  "aws:quicksight/template:Template": quickSightPublic,
  "aws:quicksight/theme:Theme": quickSightPublic,
};

export const publicResource: ResourceRule = {
  id: "public-resource",
  severity: "high",
  title: "A resource is open to everyone by its own settings",
  types: Object.keys(CHECKS),
  check: ({ type, props }) => {
    const problem = CHECKS[type]?.(props);
    return problem === undefined ? [] : [problem];
  },
};

function sharedSnapshot(accounts: unknown, fix: Props = { sharedAccounts: ["ACCOUNT"] }): Problem | undefined {
  if (!list(accounts).includes("all")) return undefined;
  return { message: "every AWS account can restore the snapshot", fix };
}

const PUBLIC_GROUP = /\/groups\/global\/(AllUsers|AuthenticatedUsers)$/;

function publicAcl({ acl, accessControlPolicy, grants }: Props): Problem | undefined {
  if (typeof acl === "string" && /^(public-read|public-read-write|authenticated-read)$/.test(acl)) {
    const who = acl === "authenticated-read" ? "every AWS account" : "everyone on the Internet";
    const what = acl === "public-read-write" ? "read and write" : "read";
    return { message: `the ACL ${acl} lets ${who} ${what}`, fix: { acl: "private" } };
  }
  const granted = [...list(grants), ...list((accessControlPolicy as Props | undefined)?.grants)] as Props[];
  const isPublic = granted.some((grant) => {
    const uri = (grant?.grantee as Props | undefined)?.uri ?? grant?.uri;
    return typeof uri === "string" && PUBLIC_GROUP.test(uri);
  });
  if (!isPublic) return undefined;
  return {
    message: "the ACL grants access to a group that everyone belongs to",
    fix: "remove the grants to AllUsers and AuthenticatedUsers, and grant access through a bucket policy",
  };
}

/** A data access policy isn't an IAM document, but a list of rules with the principals that they apply to. */
function serverlessAccess(policy: unknown): Problem | undefined {
  const principals = entriesOf(policy).flatMap(({ Principal }) => list(Principal));
  const open = principals.find(
    (arn) => typeof arn === "string" && /^\*$|:iam::\d{12}:(root|\*|role\/\*|user\/\*)$/.test(arn),
  );
  if (open === undefined) return undefined;
  return {
    message: `the data access policy admits ${String(open)}`,
    fix: "list the roles that use the collection under Principal",
  };
}

function entriesOf(policy: unknown): Props[] {
  try {
    return list(typeof policy === "string" ? JSON.parse(policy) : policy).filter(
      (entry): entry is Props => typeof entry === "object" && entry !== null,
    );
  } catch {
    return [];
  }
}

function quickSightPublic({ permissions }: Props): Problem | undefined {
  const open = (list(permissions) as Props[]).find(({ principal }) => /:namespace\/[\w-]+$/.test(String(principal)));
  if (open === undefined) return undefined;
  return {
    severity: "medium",
    message: `${String(open.principal)} stands for every user of the namespace`,
    fix: "grant the permissions to a group or a user",
  };
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function list(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : [value].flat();
}
