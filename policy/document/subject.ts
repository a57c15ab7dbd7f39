/** A document as the rules look at it. */
import { type Action, type Catalog, matchesAction, type PolicyDocument, type Statement } from "@serverless-chat/iam";
import { type Scope, scopeOf } from "./scope.ts";

/**
 * What a document is for. `identity`: what a role, user or group may do. `trust`: who may take a role. `resource`: who
 * may use a resource. `boundary`: the most that others may grant.
 */
export type DocumentKind = "identity" | "trust" | "resource" | "boundary";

export interface DocumentContext {
  kind: DocumentKind;
  /** Whose policy it is, such as `s3`; of resource policies, and of boundaries that are attached to a resource. */
  service?: string;
  /** The stack's own account; unknown without it. */
  account?: string;
  region?: string;
  /** @default aws */
  partition?: string;
}

/** An Allow, with what its patterns mean. */
export interface Grant {
  statement: Statement;
  /** Every action that it names; of a NotAction none, for that is a rule's business of its own. */
  actions: Action[];
  /** Whether it names an action. */
  has(name: string): boolean;
  /** Of each of its resources. */
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
  const actions = action.negated ? [] : actionsOf(action.patterns, catalog);
  const makesNew = actions.length > 0 && actions.every(({ name }) => MAKES_UNNAMED.test(name));
  const scopes = (resource?.negated === false ? resource.patterns : []).map((pattern) => {
    const scope = scopeOf(pattern, catalog);
    return { pattern, scope: makesNew && scope === "wide" && isUnnamed(pattern) ? "some" : scope } as const;
  });
  return { statement, actions, has, scopes };
}

function actionsOf(patterns: string[], catalog: Catalog): Action[] {
  const [first = "", ...others] = patterns;
  // As it is: `*` has 22,000.
  if (others.length === 0) return catalog.matching(first);
  return [...new Set(patterns.flatMap((pattern) => catalog.matching(pattern)))];
}

/** What is made by these gets its id by the call: before, nobody can name it. */
const MAKES_UNNAMED = /^ec2:(Run|Create|Copy|Request|Allocate|Import)|^route53:GetChange$/;

function isUnnamed(pattern: string): boolean {
  return /^arn:[^:]+:(ec2:[^:*?]+:[^:*?]*:[a-z-]+|route53:::change)\/\*$/.test(pattern);
}
