/** Finds escalations for which one action on one named resource is enough. */

import { limits } from "../../document/conditions.ts";
import { isDenied } from "../../document/denials.ts";
import type { Grant, Subject } from "../../document/subject.ts";
import type { Problem } from "../../finding.ts";

/** Actions that change the permissions of the role, user or group that they are called on. */
const CHANGES_POLICIES = [
  ...["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary"],
  ...["iam:PutRolePermissionsBoundary", "iam:PutUserPolicy", "iam:AttachUserPolicy"],
  ...["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary", "iam:PutGroupPolicy"],
  "iam:AttachGroupPolicy",
];

/** Actions that give their caller the permissions of the role, user, group or policy that they are called on. */
const TAKES_OVER = [
  ...["iam:UpdateAssumeRolePolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:AddUserToGroup"],
  ...["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"],
];

/** Typical names of identities and policies that can do everything. */
const ADMINISTRATOR =
  /:(role|user|group|policy)\/(.*[/_-])?(admins?|administrators?|administrator-?access|\w*AdminAccess|\w*Administrator(s|Access|Role)?|\w*AdminRole|power-?users?|PowerUserAccess|OrganizationAccountAccessRole|root|superusers?)([/_-].*)?$/i;

export function exactEscalation(grant: Grant, { document, context: { holder } }: Subject): Problem[] {
  const { statement, has, scopes } = grant;
  const patterns = statement.resource?.negated === false ? statement.resource.patterns : [];
  const can = (name: string) => has(name) && !isDenied(document, name);
  const own = holder === undefined ? undefined : patterns.find((pattern) => isOwn(pattern, holder));
  const change = CHANGES_POLICIES.find(can);
  if (own !== undefined && change !== undefined && !limits(statement, PREVENTS)) {
    return [
      {
        statement,
        message: `${change} on ${own} lets the holder change its own policies`,
        fix: "remove the action, or require iam:PermissionsBoundary or iam:PolicyARN in a condition",
      },
    ];
  }
  const administrator = patterns.find((pattern) => ADMINISTRATOR.test(pattern));
  const takeover = TAKES_OVER.find(can);
  if (administrator !== undefined && takeover !== undefined && !limits(statement, PREVENTS)) {
    return [
      {
        statement,
        message: `${takeover} on ${administrator} gives the holder an administrator's permissions`,
        fix: "remove the action, or limit it to a resource with fewer permissions than the holder",
      },
    ];
  }
  // Only the action's full name counts, because other rules report wildcards.
  const isNamed = statement.action.patterns.some((pattern) => pattern.toLowerCase() === "kms:putkeypolicy");
  if (isNamed && can("kms:PutKeyPolicy") && scopes.length > 0 && scopes.every(isKey)) {
    return [
      {
        statement,
        message: "kms:PutKeyPolicy lets the holder give itself every permission on the key",
        fix: "remove the action; change key policies in the program that creates the key",
      },
    ];
  }
  return [];
}

const PREVENTS = /^iam:(permissionsboundary|policyarn)$/;

function isKey({ pattern }: Grant["scopes"][number]): boolean {
  return pattern.split(":")[2] === "kms";
}

/** Whether an ARN is that of the holder, which is given as a name or an ARN. */
function isOwn(pattern: string, holder: string): boolean {
  if (/\$\{aws:(username|PrincipalArn)\}/i.test(pattern)) return true;
  return pattern === holder || (/:(role|user|group)\//.test(pattern) && pattern.split("/").at(-1) === holder);
}
