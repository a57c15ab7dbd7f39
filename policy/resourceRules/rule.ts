import type { Severity } from "../analysis/finding.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";

export interface ResourceProblem {
  /** One sentence. */
  message: string;
  fix: object | string;
}

/** One thing that can be wrong with a resource, beside its documents. */
export interface ResourceRule {
  id: string;
  severity: Severity;
  title: string;
  types: string[];
  examine(resource: StackResource, context: StackContext): ResourceProblem[];
}
