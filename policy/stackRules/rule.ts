import type { Catalogue } from "@serverless-chat/iam";
import type { Severity } from "../analysis/finding.ts";
import type { StackContext, StackResource } from "../resources/resource.ts";

export interface StackProblem {
  resource: StackResource;
  /** One sentence. */
  message: string;
  fix: object | string;
}

/** One thing that can be wrong with a stack, and is not seen in any one of its resources. */
export interface StackRule {
  id: string;
  severity: Severity;
  title: string;
  examine(resources: StackResource[], context: StackContext, catalogue: Catalogue): StackProblem[];
}
