import { type Catalog, PolicySyntaxError, parsePolicy } from "@serverless-chat/iam";
import { grammarProblems, lengthProblem, rejected } from "./document/grammar.ts";
import { type DocumentContext, subjectOf } from "./document/subject.ts";
import type { Finding, Problem, Severity } from "./finding.ts";
import { DOCUMENT_RULES } from "./rules/document/index.ts";

/** Rule id for documents that IAM would reject. No other rule can look at those. */
export const MALFORMED = "malformed-document";

/**
 * Checks a policy document against all document rules.
 *
 * @param document JSON text, or the object that a program wrote
 */
export function checkDocument(document: unknown, context: DocumentContext, catalog: Catalog): Finding[] {
  const tooLong = lengthProblem(document, context);
  if (tooLong !== undefined) return [toFinding(MALFORMED, "high", tooLong)];
  try {
    const parsed = parsePolicy(document);
    const malformed = grammarProblems(parsed, context);
    if (malformed.length > 0) return malformed.map((problem) => toFinding(MALFORMED, "high", problem));
    const subject = subjectOf(parsed, context, catalog);
    return DOCUMENT_RULES.filter(({ kinds }) => kinds.includes(context.kind)).flatMap(({ id, severity, check }) =>
      check(subject).map((problem) => toFinding(id, severity, problem)),
    );
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    return [toFinding(MALFORMED, "high", rejected(error.message))];
  }
}

function toFinding(rule: string, severity: Severity, { statement, ...problem }: Problem): Finding {
  return { rule, severity, ...problem, ...(statement === undefined ? {} : { statement: reference(statement) }) };
}

function reference({ sid, index }: { sid?: string; index: number }): NonNullable<Finding["statement"]> {
  return sid === undefined ? { index } : { sid, index };
}
