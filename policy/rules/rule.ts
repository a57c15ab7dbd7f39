/** What a rule is. A document rule looks at one document, a resource rule at one resource, a stack rule at all of them. */
import type { Catalog } from "@serverless-chat/iam";
import type { DocumentKind, Subject } from "../document/subject.ts";
import type { Problem, Severity } from "../finding.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";

interface RuleDescription {
  /** Stable: configurations and documentation pages use it as their key. */
  id: string;
  severity: Severity;
  /** What the rule looks for, in one line. */
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

/** Finds what can't be seen in any single resource. */
export interface StackRule extends RuleDescription {
  check(resources: StackResource[], context: StackContext, catalog: Catalog): (Problem & { resource: StackResource })[];
}
