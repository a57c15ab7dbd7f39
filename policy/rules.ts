/** The id, severity and title of every rule. */
import { MALFORMED } from "./checkDocument.ts";
import type { Severity } from "./finding.ts";
import { DOCUMENT_RULES } from "./rules/document/index.ts";
import { RESOURCE_RULES } from "./rules/resource/index.ts";
import { combinedEscalations } from "./rules/stack/combinedEscalations.ts";
import { STACK_RULES } from "./rules/stack/index.ts";

export interface RuleDescription {
  id: string;
  severity: Severity;
  title: string;
}

export const RULES: RuleDescription[] = [
  ...DOCUMENT_RULES,
  { id: MALFORMED, severity: "high" as const, title: "IAM would reject a document" },
  ...RESOURCE_RULES,
  ...STACK_RULES,
  combinedEscalations,
].map(({ id, severity, title }) => ({ id, severity, title }));
