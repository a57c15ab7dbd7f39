import type { Problem } from "../../finding.ts";
import type { StackContext } from "../../resources/resource.ts";
import type { ResourceRule } from "../rule.ts";

type Props = Record<string, unknown>;

/** Checks by type: each finds a grant without a policy document that goes beyond one known principal. */
const CHECKS: Record<string, (props: Props, context: StackContext) => Problem | undefined> = {
  "aws:kms/grant:Grant": kmsGrant,
  "aws:cloudwatch/eventPermission:EventPermission": ({ principal, condition }, context) =>
    condition === undefined ? foreign(principal, context, "can send events to the bus") : undefined,
  "aws:lambda/layerVersionPermission:LayerVersionPermission": ({ principal, organizationId }, context) =>
    organizationId === undefined ? foreign(principal, context, "can use the layer") : undefined,
  "aws:acmpca/permission:Permission": ({ sourceAccount }, context) =>
    foreign(sourceAccount, context, "can issue certificates of the authority"),
  "aws:signer/signingProfilePermission:SigningProfilePermission": ({ principal, action }, context) =>
    principal === "*"
      ? {
          severity: "high",
          message: `everyone has ${String(action)} on the signing profile`,
          fix: { principal: "ACCOUNT" },
        }
      : foreign(principal, context, `has ${String(action)} on the signing profile`),
  "aws:ram/resourceShare:ResourceShare": ({ allowExternalPrincipals }) =>
    allowExternalPrincipals === true
      ? {
          message: "the resources can be shared with accounts outside the organization",
          fix: { allowExternalPrincipals: false },
        }
      : undefined,
  "aws:ram/principalAssociation:PrincipalAssociation": ({ principal }, context) =>
    foreign(principal, context, "gets the shared resources"),
  "aws:s3control/accessGrant:AccessGrant": ({ grantee, permission }, context) => {
    const identifier = (grantee as Props | undefined)?.granteeIdentifier;
    const isAccount = /:iam::\d{12}:root$/.test(String(identifier));
    const problem = foreign(identifier, context, `has ${String(permission)} on the location`);
    if (problem !== undefined || !isAccount) return problem;
    return {
      message: `${String(identifier)} stands for the whole account, which has ${String(permission)} on the location`,
      fix: { grantee: { granteeType: "IAM", granteeIdentifier: "arn:aws:iam::ACCOUNT:role/NAME" } },
    };
  },
  "aws:s3control/accessGrantsLocation:AccessGrantsLocation": ({ locationScope }) =>
    locationScope === "s3://"
      ? {
          message: "the location covers every bucket of the account, so any grant on it can reach all data",
          fix: { locationScope: "s3://BUCKET/PREFIX" },
        }
      : undefined,
  "aws:lakeformation/permissions:Permissions": ({ permissions, permissionsWithGrantOptions, principal }) => {
    if (/^(EVERYONE|IAM_ALLOWED_PRINCIPALS)$/i.test(String(principal))) return undefined;
    if (list(permissionsWithGrantOptions).includes("ALL"))
      return {
        severity: "high",
        message: "ALL with the grant option lets the principal give every permission to others",
        fix: { permissionsWithGrantOptions: [] },
      };
    return list(permissions).includes("ALL")
      ? { message: "ALL includes DROP, ALTER and DELETE", fix: { permissions: ["SELECT", "DESCRIBE"] } }
      : undefined;
  },
  "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": ({ accountId }, context) =>
    foreign(accountId, context, "can restore the snapshot"),
  "aws:ec2/amiLaunchPermission:AmiLaunchPermission": ({ accountId }, context) =>
    foreign(accountId, context, "can launch the image and read its disks"),
};

export const sharedGrant: ResourceRule = {
  id: "shared-grant",
  severity: "medium",
  title: "A grant outside policy documents admits another account or is too wide",
  types: Object.keys(CHECKS),
  check: ({ type, props }, context) => {
    const problem = CHECKS[type]?.(props, context);
    return problem === undefined ? [] : [problem];
  },
};

/** Operations that let the grantee pass on its permissions or end those of others. */
const DELEGATES = new Map([
  ["CreateGrant", "pass on the use of the key"],
  ["RetireGrant", "end the grant"],
]);

function kmsGrant({ granteePrincipal, operations, constraints }: Props, context: StackContext): Problem | undefined {
  const problem = foreign(granteePrincipal, context, `can use the key for ${list(operations).join(", ")}`);
  if (problem !== undefined) return problem;
  const isAccount = /:iam::\d{12}:root$/.test(String(granteePrincipal));
  if (isAccount || String(granteePrincipal) === "*") {
    return {
      severity: "high",
      message: `${String(granteePrincipal)} can use the key for ${list(operations).join(", ")}`,
      fix: { granteePrincipal: "arn:aws:iam::ACCOUNT:role/NAME" },
    };
  }
  const passedOn = list(operations).filter((operation) => DELEGATES.has(String(operation)));
  if (passedOn.length === 0 || list(constraints).length > 0) return undefined;
  return {
    message: passedOn
      .map((operation) => `${String(operation)} lets the grantee ${DELEGATES.get(String(operation))}`)
      .join(", and "),
    fix: { operations: list(operations).filter((operation) => !passedOn.includes(operation)) },
  };
}

function foreign(
  principal: unknown,
  { account, trustedAccounts = [] }: StackContext,
  gains: string,
): Problem | undefined {
  const owner = typeof principal === "string" ? accountIn(principal) : undefined;
  if (owner === undefined || account === undefined || [account, ...trustedAccounts].includes(owner)) return undefined;
  return {
    message: `${String(principal)} belongs to another account and ${gains}`,
    fix: 'grant it to a principal of your own account, or add the account to "trustedAccounts" in the settings',
  };
}

function accountIn(principal: string): string | undefined {
  return /^\d{12}$/.test(principal) ? principal : /^arn:[^:]*:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1];
}

function list(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : [value].flat();
}
