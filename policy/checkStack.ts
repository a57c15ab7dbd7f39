/** Checks resources and stacks against all rules, without Pulumi. */
import type { Catalog } from "@serverless-chat/iam";
import { checkDocument } from "./checkDocument.ts";
import type { DocumentKind } from "./document/subject.ts";
import type { ResourceFinding } from "./finding.ts";
import { documentsOf, isBoundaryByName, type PlacedDocument } from "./resources/policyDocuments.ts";
import type { StackContext, StackResource } from "./resources/resource.ts";
import { isUnknown, withSomeArns } from "./resources/unknown.ts";
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

/** Checks one resource by itself, before it is created, in a preview and in an update. */
export function checkResource(resource: StackResource, context: StackContext, catalog: Catalog): CheckedResource {
  const { type, name, props } = resource;
  const documents = documentsOf(type, props).map((found) => ({ ...found, kind: kindOf(found, resource, context) }));
  const known = documents.filter(({ document }) => !isUnknown(document));
  const findings: ResourceFinding[] = known.flatMap(({ path, document, ...what }) =>
    checkDocument(withSomeArns(document), { ...what, ...context }, catalog).map((finding) => ({
      ...finding,
      resource,
      path,
    })),
  );
  for (const { id, severity, types, check } of RESOURCE_RULES) {
    if (!types.includes(type)) continue;
    findings.push(
      ...check(resource, context).map(({ message, fix }) => ({ rule: id, severity, message, fix, resource })),
    );
  }
  const unknown = documents.filter(({ document }) => isUnknown(document));
  return { findings, unknown, kinds: new Set(known.map(({ kind }) => kind)) };

  function kindOf(found: PlacedDocument, { type }: StackResource, { permissionsBoundary }: StackContext): DocumentKind {
    const isBoundary =
      type === "aws:iam/policy:Policy" &&
      (isBoundaryByName(name, props) || permissionsBoundary?.endsWith(`:policy/${props.name}`) === true);
    return isBoundary ? "boundary" : found.kind;
  }
}

/** Finds what can't be seen in any single resource. */
export function checkStack(resources: StackResource[], context: StackContext, catalog: Catalog): ResourceFinding[] {
  return [...STACK_RULES, combinedEscalations].flatMap(({ id, severity, check }) =>
    check(resources, context, catalog).map(({ message, fix, resource }) => ({
      rule: id,
      severity,
      message,
      fix,
      resource,
    })),
  );
}
