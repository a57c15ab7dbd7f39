import { UNKNOWN } from "../../../resources/unknown.ts";
import { publicResource } from "../../../rules/resource/publicResource.ts";
import { describeResourceRule } from "./describeResourceRule.ts";

const of = (name: string, type: string, props: Record<string, unknown>) => ({ name, type, props });
const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";
const LAYER = "aws:lambda/layerVersionPermission:LayerVersionPermission";
const BUS = "aws:cloudwatch/eventPermission:EventPermission";
const ENDPOINT = "aws:ec2/vpcEndpointService:VpcEndpointService";
const DOCUMENT = "aws:ssm/document:Document";
const IMAGE = "aws:ec2/amiLaunchPermission:AmiLaunchPermission";
const SNAPSHOT = "aws:rds/snapshot:Snapshot";
const ACL = "aws:s3/bucketAcl:BucketAcl";
const POOL = "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment";
const DATA_ACCESS = "aws:opensearch/serverlessAccessPolicy:ServerlessAccessPolicy";
const NETWORK = "aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy";
const LAKE = "aws:lakeformation/permissions:Permissions";
const DASHBOARD = "aws:quicksight/dashboard:Dashboard";
const dataAccess = (...Principal: string[]) => ({
  type: "data",
  policy: JSON.stringify([
    { Rules: [{ ResourceType: "index", Resource: ["index/orders/*"], Permission: ["aoss:*"] }], Principal },
  ]),
});
const network = (AllowFromPublic: boolean) => ({
  type: "network",
  policy: JSON.stringify([{ Rules: [], AllowFromPublic }]),
});

describeResourceRule(publicResource, {
  bad: [
    { ...of("a layer for everyone", LAYER, { principal: "*" }), message: "every AWS account can use the layer" },
    {
      ...of("a layer with an empty organization", LAYER, { principal: "*", organizationId: "" }),
      message: "the layer",
    },
    { ...of("an event bus for everyone", BUS, { principal: "*" }), message: "can send events to the bus" },
    {
      ...of("an endpoint service for everyone", ENDPOINT, { allowedPrincipals: ["*"], acceptanceRequired: false }),
      message: "can connect to the endpoint service",
    },
    {
      ...of(
        "an allowed principal of an endpoint service that is everyone",
        "aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple",
        {
          principalArn: "*",
        },
      ),
      message: "may connect to the endpoint service",
    },
    {
      ...of("a document for everyone", DOCUMENT, { permissions: { type: "Share", accountIds: "All" } }),
      message: "shared with every AWS account",
    },
    { ...of("an image for everyone", IMAGE, { group: "all" }), message: "can launch the image" },
    { ...of("a snapshot for everyone", SNAPSHOT, { sharedAccounts: ["all"] }), message: "can restore the snapshot" },
    {
      ...of(
        "a volume's snapshot for everyone",
        "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission",
        {
          accountId: "all",
        },
      ),
      message: "can restore the snapshot",
      fix: { accountId: "ACCOUNT" },
    },
    { ...of("a bucket that everyone can read", ACL, { acl: "public-read" }), message: "everyone on the Internet read" },
    { ...of("a bucket for every account", ACL, { acl: "authenticated-read" }), message: "every AWS account read" },
    {
      ...of("an ACL with a public group", ACL, {
        accessControlPolicy: { grants: [{ grantee: { type: "Group", uri: ALL_USERS }, permission: "READ" }] },
      }),
      message: "a group that everyone belongs to",
      fix: "remove the grants",
    },
    {
      ...of("an object that everyone can read", "aws:s3/bucketObject:BucketObject", { acl: "public-read" }),
      message: "everyone on the Internet read",
    },
    {
      ...of("a role for people who haven't signed in", POOL, {
        roles: { unauthenticated: "arn:aws:iam::111122223333:role/guest" },
      }),
      message: "credentials of the unauthenticated role",
    },
    {
      ...of("a collection for a whole account", DATA_ACCESS, dataAccess("arn:aws:iam::111122223333:root")),
      message: "admits arn:aws:iam::111122223333:root",
    },
    { ...of("a collection on the Internet", NETWORK, network(true)), message: "reachable from the Internet" },
    {
      ...of("tables for everyone with an IAM policy", LAKE, {
        principal: "IAM_ALLOWED_PRINCIPALS",
        permissions: ["ALL"],
      }),
      message: "Lake Formation restricts nothing",
    },
    {
      ...of("a dashboard for a namespace", DASHBOARD, {
        permissions: [
          {
            principal: "arn:aws:quicksight:eu-central-1:111122223333:namespace/default",
            actions: ["quicksight:DescribeDashboard"],
          },
        ],
      }),
      message: "every user of the namespace",
    },
  ],
  good: [
    of("a layer for an organization", LAYER, { principal: "*", organizationId: "o-a1b2c3d4e5" }),
    of("a bus for an organization", BUS, {
      principal: "*",
      condition: { key: "aws:PrincipalOrgID", type: "StringEquals", value: "o-a1b2c3d4e5" },
    }),
    of("an endpoint service whose connections have to be accepted", ENDPOINT, {
      allowedPrincipals: ["*"],
      acceptanceRequired: true,
    }),
    of("a document for one account", DOCUMENT, { permissions: { type: "Share", accountIds: "444455556666" } }),
    of("a document for the stack's own account", DOCUMENT, { content: "{}" }),
    of("an image for one account", IMAGE, { accountId: "444455556666" }),
    of("a snapshot for one account", SNAPSHOT, { sharedAccounts: ["444455556666"] }),
    of("a private bucket", ACL, { acl: "private" }),
    of("a bucket for log delivery", ACL, { acl: "log-delivery-write" }),
    of("an ACL that isn't known yet", ACL, { acl: UNKNOWN }),
    of("a pool for people who have signed in", POOL, {
      roles: { authenticated: "arn:aws:iam::111122223333:role/user" },
    }),
    of("a collection for one role", DATA_ACCESS, dataAccess("arn:aws:iam::111122223333:role/search")),
    of("a collection in a network", NETWORK, network(false)),
    of("text that isn't JSON", DATA_ACCESS, { policy: "[" }),
    of("tables for one role", LAKE, { principal: "arn:aws:iam::111122223333:role/analyst", permissions: ["SELECT"] }),
  ],
});
