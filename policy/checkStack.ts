/** Checks resources and stacks against all rules, without Pulumi. */
import type { Catalog } from "@serverless-chat/iam";
import { checkDocument, MALFORMED } from "./checkDocument.ts";
import { lengthOf } from "./document/grammar.ts";
import { hashOf, hashOfStatement } from "./document/hash.ts";
import { statementsOf } from "./document/statements.ts";
import { type DocumentKind, subjectOf } from "./document/subject.ts";
import type { ResourceFinding } from "./finding.ts";
import { finalDocument } from "./fixes/finalDocument.ts";
import type { KnownUse } from "./fixes/narrowStatement.ts";
import { MANAGED_POLICY, useOf } from "./resources/managedPolicies.ts";
import type { PlacedDocument } from "./resources/placedDocument.ts";
import { documentsOf } from "./resources/policyDocuments.ts";
import type { StackContext, StackResource } from "./resources/resource.ts";
import { belongingTo, ROLE } from "./resources/roles.ts";
import { hasUnknown, isUnknown, withSomeArns } from "./resources/unknown.ts";
import { wildcardAction } from "./rules/document/wildcardAction.ts";
import { RESOURCE_RULES } from "./rules/resource/index.ts";
import { combinedEscalations } from "./rules/stack/combinedEscalations.ts";
import { STACK_RULES } from "./rules/stack/index.ts";

export interface CheckedResource {
  findings: ResourceFinding[];
  /** Documents that aren't known before the update. */
  unknown: PlacedDocument[];
  /** Kinds of the documents that are known, at least in part. */
  kinds: Set<DocumentKind>;
}

/**
 * Checks a single resource before it is created, in a preview and in an update. Only the stack's roles show whether a
 * managed policy is a permissions boundary, so in a managed policy this finds only what is wrong in either case;
 * `checkStack` checks what the policy grants.
 */
export function checkResource(resource: StackResource, context: StackContext, catalog: Catalog): CheckedResource {
  const { type, props } = resource;
  const isManagedPolicy = type === MANAGED_POLICY;
  const documents = documentsOf(type, props).map(
    (found): PlacedDocument => (isManagedPolicy ? { ...found, kind: "boundary" } : found),
  );
  const known = documents.filter(({ document }) => !isUnknown(document));
  const findings = withoutRepeated(known.map((found) => findingsIn(found, resource, context, catalog)));
  for (const { id, severity, types, check } of RESOURCE_RULES) {
    if (!types.includes(type)) continue;
    for (const { message, fix, path, severity: own = severity } of check(resource, context))
      findings.push({
        ...{ rule: id, severity: own, message, fix, hash: hashOf(message), resource },
        ...(path === undefined ? {} : { path }),
      });
  }
  const unknown = documents.filter(({ document }) => isUnknown(document));
  return { findings, unknown, kinds: new Set(known.map(({ kind }) => kind)) };
}

/** Finds problems that no single resource shows. */
export function checkStack(resources: StackResource[], context: StackContext, catalog: Catalog): ResourceFinding[] {
  const byRules = [...STACK_RULES, combinedEscalations].flatMap(({ id, severity, check }) =>
    check(resources, context, catalog).map(({ message, fix, resource, severity: own = severity }) => ({
      rule: id,
      severity: own,
      message,
      fix,
      hash: hashOf(message),
      resource,
    })),
  );
  return [...byRules, ...checkManagedPolicies(resources, context, catalog), ...inlinePoliciesTooLong(resources)];
}

function findingsIn(
  { path, document, isStatements = false, isVersion = false, ...what }: PlacedDocument,
  resource: StackResource,
  context: StackContext,
  catalog: Catalog,
): ResourceFinding[] {
  const { permissionsBoundary: _, ...known } = context;
  const written = withSomeArns(document);
  const documentContext = { ...what, ...known };
  const findings = checkDocument(written, documentContext, catalog);
  const finalText = (use?: KnownUse) => {
    const text = finalDocument(written, documentContext, catalog, use);
    return isStatements ? (text as { Statement?: object } | undefined)?.Statement : text;
  };
  return findings.map((finding) => ({
    ...finding,
    resource,
    path,
    // A text for one version would replace the others, too.
    ...(findings.length > 1 && !isVersion ? { finalText } : {}),
  }));
}

/** Findings of several documents, without those that an earlier version of the same document has. */
function withoutRepeated(byDocument: ResourceFinding[][]): ResourceFinding[] {
  const keyOf = ({ path, rule, hash, message }: ResourceFinding) => `${path} ${rule} ${hash} ${message}`;
  const reported = new Set<string>();
  return byDocument.flatMap((findings) => {
    const own = findings.filter((finding) => !reported.has(keyOf(finding)));
    for (const finding of own) reported.add(keyOf(finding));
    return own;
  });
}

/** Findings in managed policies. A boundary attached to no identity is reported only if it limits nothing. */
export function checkManagedPolicies(
  resources: StackResource[],
  context: StackContext,
  catalog: Catalog,
): ResourceFinding[] {
  return resources
    .filter(({ type }) => type === MANAGED_POLICY)
    .flatMap((resource) => {
      const { isBoundary, isAttached, holders } = useOf(resource, resources);
      const isConfigured = context.permissionsBoundary?.split("/").at(-1) === resource.props.name;
      const known = documentsOf(resource.type, resource.props).filter(({ document }) => !isUnknown(document));
      if ((isBoundary || isConfigured) && !isAttached)
        return known.flatMap((found) => unlimitedBoundary(found, resource, catalog));
      return known.flatMap((found) => {
        const reported = new Set(
          findingsIn({ ...found, kind: "boundary" }, resource, context, catalog).map(({ message }) => message),
        );
        const findings = (holders.length === 0 ? [undefined] : holders).flatMap((holder) =>
          findingsIn({ ...found, ...(holder === undefined ? {} : { holder }) }, resource, context, catalog),
        );
        return [...new Map(findings.map((finding) => [`${finding.rule} ${finding.message}`, finding])).values()].filter(
          ({ message }) => !reported.has(message),
        );
      });
    });
}

/** Reports a boundary that allows everything and denies nothing. */
function unlimitedBoundary(
  { path, document }: PlacedDocument,
  resource: StackResource,
  catalog: Catalog,
): ResourceFinding[] {
  const statements = statementsOf(withSomeArns(document));
  const unlimited = subjectOf({ version: "2012-10-17", statements }, { kind: "boundary" }, catalog).grants.find(
    ({ statement: { action, conditions }, scopes }) =>
      action.patterns.includes("*") && conditions.length === 0 && scopes.some(({ scope }) => scope === "all"),
  );
  if (unlimited === undefined || statements.some(({ effect }) => effect === "Deny")) return [];
  return [
    {
      rule: wildcardAction.id,
      severity: "medium",
      message: "the boundary allows every action and denies none, so it limits nothing",
      fix: "list the services that roles with this boundary use, or add Deny statements for what they must not do",
      hash: hashOfStatement(unlimited.statement),
      statement: { index: unlimited.statement.index },
      resource,
      path,
    },
  ];
}

/** IAM's limit for all inline policies of a role together, in characters other than white space. */
const MAX_INLINE_CHARACTERS = 10_240;

export function inlinePoliciesTooLong(resources: StackResource[]): ResourceFinding[] {
  return resources
    .filter(({ type }) => type === ROLE)
    .flatMap((role) => {
      const inline = documentsOf(role.type, role.props).filter(({ kind }) => kind === "identity");
      const separate = belongingTo(role, "aws:iam/rolePolicy:RolePolicy", resources);
      const documents = [...inline.map(({ document }) => document), ...separate.map(({ props }) => props.policy)];
      if (documents.length < 2 || documents.some(hasUnknown)) return [];
      const length = documents.reduce<number>((sum, document) => sum + lengthOf(document), 0);
      if (length <= MAX_INLINE_CHARACTERS) return [];
      const message = `the role's ${documents.length} inline policies have ${length.toLocaleString("en")} characters together, and IAM accepts ${MAX_INLINE_CHARACTERS.toLocaleString("en")}`;
      return [
        {
          rule: MALFORMED,
          severity: "high",
          message,
          hash: hashOf(message),
          fix: "move some of them to managed policies",
          resource: role,
        },
      ];
    });
}
