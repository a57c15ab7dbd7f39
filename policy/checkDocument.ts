import {
  type AccessLevel,
  type Action,
  type Catalog,
  PolicySyntaxError,
  parsePolicy,
  type Statement,
} from "@serverless-chat/iam";
import { grammarProblems, lengthProblem, rejected } from "./document/grammar.ts";
import { hashOf, hashOfStatement } from "./document/hash.ts";
import { type DocumentContext, type Grant, subjectOf } from "./document/subject.ts";
import type { Finding, Problem, Severity } from "./finding.ts";
import { DOCUMENT_RULES } from "./rules/document/index.ts";

/** Rule id for documents that IAM would reject. No other rule can check them. */
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
      combineRepeated(
        check(subject).map((problem) => withAccess(toFinding(id, severity, problem), problem, subject.grants)),
      ),
    );
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    return [toFinding(MALFORMED, "high", rejected(error.message))];
  }
}

function toFinding(rule: string, severity: Severity, { statement, ...problem }: Problem): Finding {
  return {
    ...problem,
    rule,
    severity: problem.severity ?? severity,
    hash: statement === undefined ? hashOf(problem.message) : hashOfStatement(statement),
    ...(statement === undefined ? {} : { statement: reference(statement) }),
  };
}

/** Access levels from the least to the most harmful. */
const ACCESS: AccessLevel[] = ["list", "read", "tagging", "write", "permissions"];

function withAccess(finding: Finding, { statement }: Problem, grants: Grant[]): Finding {
  const grant = grants.find((one) => one.statement === statement);
  if (grant === undefined) return finding;
  const access = grant.statement.action.negated ? "permissions" : mostAccess(grant.actions);
  return access === undefined ? finding : { ...finding, access };
}

/** The highest access level of each list of actions, cached because `*` matches 22,000 actions. */
const knownAccess = new WeakMap<Action[], AccessLevel | undefined>();

function mostAccess(actions: Action[]): AccessLevel | undefined {
  if (!knownAccess.has(actions)) {
    const levels = new Set(actions.map(({ level }) => level));
    knownAccess.set(
      actions,
      ACCESS.findLast((level) => levels.has(level)),
    );
  }
  return knownAccess.get(actions);
}

/** More findings of one kind than this count as a single mistake, made by a loop or by copying. */
const MAX_SEPARATE = 5;

/** If many findings of one rule differ only in the names that they quote, replaces them with one that has a count. */
function combineRepeated(findings: Finding[]): Finding[] {
  if (findings.length <= MAX_SEPARATE) return findings;
  const byKind = new Map<string, Finding[]>();
  for (const finding of findings) {
    const kind = finding.message.replace(/"[^"]*"|arn:\S+|\d+/g, "…");
    byKind.set(kind, [...(byKind.get(kind) ?? []), finding]);
  }
  return [...byKind.values()].flatMap((same) => {
    const [first] = same as [Finding];
    if (same.length <= MAX_SEPARATE) return same;
    return [
      { ...first, message: `${first.message} (and ${same.length - 1} more statements like it)`, count: same.length },
    ];
  });
}

function reference({ sid, index }: Statement): NonNullable<Finding["statement"]> {
  return sid === undefined ? { index } : { sid, index };
}
