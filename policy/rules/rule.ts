/**
 * Types of rules. A document rule checks one document, a resource rule one resource, and a stack rule the whole stack.
 */
import type { Catalog } from "@serverless-chat/iam";
import type { DocumentKind, Subject } from "../document/subject.ts";
import type { Problem, Severity } from "../finding.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";

interface RuleDescription {
  /** Stable id, which configurations and documentation pages refer to. */
  id: string;
  severity: Severity;
  /** The problem that the rule looks for, in one line. */
  title: string;
}

export interface DocumentRule extends RuleDescription {
  /** The kinds of documents that the rule applies to. */
  kinds: DocumentKind[];
  check(subject: Subject): Problem[];
}

export interface ResourceRule extends RuleDescription {
  /** Pulumi types that the rule applies to. */
  types: string[];
  check(resource: StackResource, context: StackContext): Problem[];
}

/** Finds problems that can't be seen in one resource alone. */
export interface StackRule extends RuleDescription {
  check(resources: StackResource[], context: StackContext, catalog: Catalog): (Problem & { resource: StackResource })[];
}
