/** Writes a text that replaces a document with many findings. */
import { type Catalog, type Condition, PolicySyntaxError, parsePolicy } from "@serverless-chat/iam";
import { checkDocument, MALFORMED } from "../checkDocument.ts";
import { type DocumentContext, subjectOf } from "../document/subject.ts";
import type { Finding } from "../finding.ts";
import { pasted } from "./applyFix.ts";
import { type KnownUse, narrowStatement } from "./narrowStatement.ts";

/** A document that needs more steps than this has findings that no fix resolves. */
const MAX_STEPS = 20;

/**
 * Returns the whole document with its findings fixed: their statements are narrowed as far as the document, the code
 * and the stack allow, with placeholders in capital letters for what only a person knows. Statements without findings
 * stay as they are. Undefined if no statement is left, and for a document that IAM would reject, because its meaning
 * isn't known.
 *
 * @param use what the code calls and what the stack has, for policies of identities
 */
export function finalDocument(
  document: unknown,
  context: DocumentContext,
  catalog: Catalog,
  use: KnownUse = {},
): object | undefined {
  const findings = checkDocument(document, context, catalog);
  if (findings.some(({ rule }) => rule === MALFORMED)) return undefined;
  const narrowed = context.kind === "identity" ? narrowDocument(document, findings, context, catalog, use) : document;
  const text = withFixes(narrowed, context, catalog) as { Statement: unknown };
  return [text.Statement].flat().length === 0 ? undefined : text;
}

function narrowDocument(
  document: unknown,
  findings: Finding[],
  context: DocumentContext,
  catalog: Catalog,
  use: KnownUse,
): object {
  const parsed = parsePolicy(document);
  const subject = subjectOf(parsed, context, catalog);
  const written = (typeof document === "string" ? JSON.parse(document) : document) as { Statement: unknown };
  const found = new Set(findings.flatMap(({ statement }) => statement?.index ?? []));
  const statements = [written.Statement].flat().flatMap((statement, index) => {
    const grant = subject.grants.find((one) => one.statement.index === index);
    return grant === undefined || !found.has(index) ? [statement] : narrowStatement(grant, subject, use);
  });
  return { ...written, Version: "2012-10-17", Statement: statements };
}

/** Applies the fixes of the remaining findings one after another. */
function withFixes(document: unknown, context: DocumentContext, catalog: Catalog): unknown {
  let current = document;
  for (let step = 0; step < MAX_STEPS; step++) {
    const next = checkDocument(current, context, catalog)
      .filter(({ message }) => !PLACEHOLDER.test(message))
      .map((finding) => pasted(current, { ...finding, fix: conditionFix(finding, current) ?? finding.fix }))
      .find((other) => other !== undefined && isValid(other));
    if (next === undefined || JSON.stringify(next) === JSON.stringify(current)) return current;
    current = next;
  }
  return current;
}

/** Turns advice into conditions, with the key that was meant, or with admitted values in place of excluded ones. */
function conditionFix({ rule, fix, message, statement }: Finding, document: unknown): object | undefined {
  if (typeof fix !== "string" || statement === undefined) return undefined;
  const conditions = parsePolicy(document).statements[statement.index]?.conditions ?? [];
  const named = ({ operator, key }: Condition) => message.includes(` ${operator} `) && message.includes(key);
  const condition = conditions.find(named);
  if (condition === undefined) return undefined;
  const { operator, key, values } = condition;
  const [, meant] = rule === "unknown-condition-key" ? (/^use (\S+)$/.exec(fix) ?? []) : [];
  if (meant !== undefined) return withKey(key, { [operator]: { [meant]: values } });
  if (rule !== "fails-open-condition" || !/not/i.test(operator)) return undefined;
  return withKey(key, { [operator.replace(/Not/i, "")]: { [key]: "ADMITTED_VALUE" } });

  /** The statement's conditions, with new ones in place of those on one key. */
  function withKey(replaced: string, by: Record<string, object>): object {
    const merged = new Map<string, object>();
    for (const { operator, key, values } of conditions)
      if (key !== replaced) merged.set(operator, { ...merged.get(operator), [key]: values });
    for (const [operator, keys] of Object.entries(by)) merged.set(operator, { ...merged.get(operator), ...keys });
    const written = JSON.parse(JSON.stringify(document)) as { Statement: unknown };
    const old = [written.Statement].flat()[statement?.index ?? 0] as object;
    return [{ ...old, Condition: Object.fromEntries(merged) }];
  }
}

/** Actions that a person has to fill in. */
const PLACEHOLDER = /"[\w-]+:ACTION"/;

function isValid(document: unknown): boolean {
  try {
    parsePolicy(document);
    return true;
  } catch (error) {
    if (error instanceof PolicySyntaxError) return false;
    throw error;
  }
}
