import { type Catalogue, PolicySyntaxError, parsePolicy } from "@serverless-chat/iam";
import { RULES } from "../rules/index.ts";
import type { Finding, Problem, Severity } from "./finding.ts";
import { grammarProblems, lengthProblem, notTaken } from "./grammar.ts";
import { type Context, subjectOf } from "./subject.ts";

/** Of a document that IAM would not take: no rule can look at it. */
export const MALFORMED = "malformed-document";

/**
 * What is wrong with a policy document.
 *
 * @param document JSON text, or the object that a program wrote
 */
export function analyze(document: unknown, context: Context, catalogue: Catalogue): Finding[] {
  const tooLong = lengthProblem(document, context);
  if (tooLong !== undefined) return [findingOf(MALFORMED, "high", tooLong)];
  try {
    const parsed = parsePolicy(document);
    const malformed = grammarProblems(parsed, context);
    if (malformed.length > 0) return malformed.map((problem) => findingOf(MALFORMED, "high", problem));
    const subject = subjectOf(parsed, context, catalogue);
    return RULES.filter(({ kinds }) => kinds.includes(context.kind)).flatMap(({ id, severity, examine }) =>
      examine(subject).map((problem) => findingOf(id, severity, problem)),
    );
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    return [findingOf(MALFORMED, "high", notTaken(error.message))];
  }
}

function findingOf(rule: string, severity: Severity, { statement, ...problem }: Problem): Finding {
  return { rule, severity, ...problem, ...(statement === undefined ? {} : { statement: placeOf(statement) }) };
}

function placeOf({ sid, index }: { sid?: string; index: number }): NonNullable<Finding["statement"]> {
  return sid === undefined ? { index } : { sid, index };
}
