import { UNKNOWN } from "../../../resources/unknown.ts";
import { sharedGrant } from "../../../rules/resource/sharedGrant.ts";
import { ACCOUNT, OTHER } from "../../statements.ts";
import { describeResourceRule } from "./describeResourceRule.ts";

const context = { account: ACCOUNT };
const of = (name: string, type: string, props: Record<string, unknown>) => ({ name, type, props, context });
const KEY = "aws:kms/grant:Grant";
const ACCESS = "aws:s3control/accessGrant:AccessGrant";
const LAKE = "aws:lakeformation/permissions:Permissions";
const own = `arn:aws:iam::${ACCOUNT}:role/importer`;
const foreign = `arn:aws:iam::${OTHER}:role/importer`;

describeResourceRule(sharedGrant, {
  bad: [
    {
      ...of("a key for another account", KEY, { granteePrincipal: foreign, operations: ["Decrypt"] }),
      message: "can use the key for Decrypt",
    },
    {
      ...of("a key for a whole account", KEY, {
        granteePrincipal: `arn:aws:iam::${ACCOUNT}:root`,
        operations: ["Decrypt"],
      }),
      message: ":root can use the key",
    },
    {
      ...of("a grant that can be passed on", KEY, { granteePrincipal: own, operations: ["Decrypt", "CreateGrant"] }),
      message: "CreateGrant lets the grantee pass on",
      fix: { operations: ["Decrypt"] },
    },
    {
      ...of("a grant that its grantee can end", KEY, { granteePrincipal: own, operations: ["Decrypt", "RetireGrant"] }),
      message: "RetireGrant lets the grantee end the grant",
      fix: { operations: ["Decrypt"] },
    },
    {
      ...of("a bus for another account", "aws:cloudwatch/eventPermission:EventPermission", { principal: OTHER }),
      message: "can send events",
    },
    {
      ...of("a layer for another account", "aws:lambda/layerVersionPermission:LayerVersionPermission", {
        principal: OTHER,
      }),
      message: "can use the layer",
    },
    {
      ...of("a certificate authority for another account", "aws:acmpca/permission:Permission", {
        principal: "acm.amazonaws.com",
        sourceAccount: OTHER,
      }),
      message: "can issue certificates",
    },
    {
      ...of("a signing profile for everyone", "aws:signer/signingProfilePermission:SigningProfilePermission", {
        principal: "*",
        action: "signer:StartSigningJob",
      }),
      message: "everyone has signer:StartSigningJob",
    },
    {
      ...of("a share outside the organization", "aws:ram/resourceShare:ResourceShare", {
        allowExternalPrincipals: true,
      }),
      message: "outside the organization",
      fix: { allowExternalPrincipals: false },
    },
    {
      ...of("a share with another account", "aws:ram/principalAssociation:PrincipalAssociation", { principal: OTHER }),
      message: "gets the shared resources",
    },
    {
      ...of("data for a whole account", ACCESS, {
        permission: "READWRITE",
        grantee: { granteeType: "IAM", granteeIdentifier: `arn:aws:iam::${ACCOUNT}:root` },
      }),
      message: "the whole account",
    },
    {
      ...of("a location that covers every bucket", "aws:s3control/accessGrantsLocation:AccessGrantsLocation", {
        locationScope: "s3://",
      }),
      message: "every bucket",
    },
    {
      ...of("all permissions on a table", LAKE, { principal: own, permissions: ["ALL"] }),
      message: "ALL includes DROP",
    },
    {
      ...of("all permissions to pass on", LAKE, {
        principal: own,
        permissions: ["SELECT"],
        permissionsWithGrantOptions: ["ALL"],
      }),
      message: "every permission to others",
    },
    {
      ...of("a snapshot for another account", "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission", {
        accountId: OTHER,
      }),
      message: "can restore the snapshot",
    },
  ],
  good: [
    of("a key for the stack's own role", KEY, { granteePrincipal: own, operations: ["Decrypt"] }),
    of("a grant that can be passed on, but requires an encryption context", KEY, {
      granteePrincipal: own,
      operations: ["Decrypt", "CreateGrant"],
      constraints: [{ encryptionContextEquals: { a: "b" } }],
    }),
    of("a grantee that isn't known yet", KEY, { granteePrincipal: UNKNOWN, operations: ["Decrypt"] }),
    {
      ...of("a key for a trusted account", KEY, { granteePrincipal: foreign, operations: ["Decrypt"] }),
      context: { account: ACCOUNT, trustedAccounts: [OTHER] },
    },
    {
      ...of("a key for an account if the stack's own account isn't known", KEY, {
        granteePrincipal: foreign,
        operations: ["Decrypt"],
      }),
      context: {},
    },
    of("a certificate authority for the stack's own account", "aws:acmpca/permission:Permission", {
      principal: "acm.amazonaws.com",
    }),
    of("a share within the organization", "aws:ram/resourceShare:ResourceShare", { allowExternalPrincipals: false }),
    of("data for one role", ACCESS, { permission: "READ", grantee: { granteeType: "IAM", granteeIdentifier: own } }),
    of("reading a table", LAKE, { principal: own, permissions: ["SELECT", "DESCRIBE"] }),
  ],
});
