/** A parsed document in the form that rules check. */
import { type Action, type Catalog, matchesAction, type PolicyDocument, type Statement } from "@serverless-chat/iam";
import { type Scope, scopeOf } from "./scope.ts";

/**
 * Purpose of a document. `identity`: what a role, user or group can do. `trust`: who can assume a role. `resource`: who
 * can use a resource. `boundary`: the maximum that other policies can grant.
 */
export type DocumentKind = "identity" | "trust" | "resource" | "boundary";

export interface DocumentContext {
  kind: DocumentKind;
  /** Service prefix of the resource that the policy belongs to, such as `s3`. */
  service?: string;
  /** The stack's own account, 12 digits. Undefined while it isn't known. */
  account?: string;
  /** Other accounts of the same owner, which are treated like the stack's own. */
  trustedAccounts?: string[];
  /** The stack's own organization, such as `o-a1b2c3d4e5`. */
  organizationId?: string;
  /** Name or ARN of the role, user or group that has the policy, if known. */
  holder?: string;
  /** Maximum length that AWS accepts, in characters other than white space. */
  maxCharacters?: number;
  region?: string;
  /** @default aws */
  partition?: string;
}

/** An Allow statement with its patterns resolved. */
export interface Grant {
  statement: Statement;
  /** The actions that its patterns match. Empty for NotAction, which has a separate rule. */
  actions: Action[];
  /** Whether its patterns match an action. */
  has(name: string): boolean;
  /** Its resource patterns with their scopes. */
  scopes: { pattern: string; scope: Scope }[];
}

export interface Subject {
  document: PolicyDocument;
  context: DocumentContext;
  catalog: Catalog;
  grants: Grant[];
}

export function subjectOf(document: PolicyDocument, context: DocumentContext, catalog: Catalog): Subject {
  const grants = document.statements
    .filter(({ effect }) => effect === "Allow")
    .map((statement) => grantOf(statement, catalog));
  return { document, context, catalog, grants };
}

function grantOf(statement: Statement, catalog: Catalog): Grant {
  const { action, resource } = statement;
  const has = (name: string) => !action.negated && action.patterns.some((pattern) => matchesAction(pattern, name));
  const actions = action.negated ? [] : catalog.matchingAny(action.patterns);
  const makesNew = actions.length > 0 && actions.every(({ name }) => MAKES_UNNAMED.test(name));
  const scopes = (resource?.negated === false ? resource.patterns : []).map((pattern) => {
    const scope = scopeOf(pattern, catalog);
    return { pattern, scope: makesNew && scope === "wide" && isUnnamed(pattern) ? "some" : scope } as const;
  });
  return { statement, actions, has, scopes };
}

/**
 * Actions that create a resource whose id isn't known before the call, so that only a wildcard matches it. A wildcard
 * for MFA devices is harmless, because a new one belongs to nobody until it is enabled.
 */
const MAKES_UNNAMED = /^ec2:(Run|Create|Copy|Request|Allocate|Import)|^route53:GetChange$|^iam:CreateVirtualMFADevice$/;

function isUnnamed(pattern: string): boolean {
  return /^arn:[^:]+:(ec2:[^:*?]+:[^:*?]*:[a-z-]+|route53:::change|iam::[^:]*:mfa)\/\*$/.test(pattern);
}
