/** Tests a rule by examples: its findings, their messages and fixes, and the documents that it accepts. */
import { describe, expect, test } from "vitest";
import { checkDocument, MALFORMED } from "../../../checkDocument.ts";
import type { DocumentContext } from "../../../document/subject.ts";
import { pasted } from "../../../fixes/applyFix.ts";
import type { DocumentRule } from "../../../rules/rule.ts";
import { catalog } from "../../catalog.ts";

export interface Good {
  name: string;
  /** The document, as JSON text or as an object. */
  document: unknown;
  /** Overrides the shared context. */
  context?: DocumentContext;
}

export interface Bad extends Good {
  /** Index of the statement with the finding; undefined if the finding concerns the whole document. */
  statement?: number;
  /** Part of the expected message. */
  message: string;
  /** Expected fix, or part of the expected advice; undefined if several fixes are possible. */
  fix?: unknown;
}

interface Examples {
  context: DocumentContext;
  bad: Bad[];
  good: Good[];
}

export function describeDocumentRule({ id }: Pick<DocumentRule, "id">, { context: shared, bad, good }: Examples): void {
  const findingsIn = (document: unknown, context = shared) => checkDocument(document, context, catalog);
  const found = (document: unknown, context?: DocumentContext) =>
    findingsIn(document, context).filter(({ rule }) => rule === id);
  const named = <T extends Good>(examples: T[]) => examples.map((example) => [example.name, example] as const);

  describe(id, () => {
    test.each(named(bad))("finds %s", (_, { document, context, statement, message, fix }) => {
      const findings = found(document, context);
      const finding = findings.find((one) => one.message.includes(message)) ?? findings[0];
      expect(finding?.message).toContain(message);
      expect(finding?.statement?.index).toBe(statement);
      if (fix !== undefined) expect(finding?.fix).toEqual(typeof fix === "string" ? expect.stringContaining(fix) : fix);
    });

    test.each(named(bad))("has a fix for %s", (_, { document, context }) => {
      let fixed = document;
      // A document with several findings needs that many fixes, and no more.
      for (const _ of found(document, context)) {
        const [finding] = found(fixed, context);
        const next = finding === undefined ? undefined : pasted(fixed, finding);
        if (next === undefined) break;
        expect(lostConditions(fixed, next)).toEqual([]);
        fixed = next;
      }
      // Advice can't be pasted.
      if (fixed === document) return;
      const left = findingsIn(fixed, context).filter(({ rule }) => rule === id || rule === MALFORMED);
      expect(left).toEqual([]);
    });

    test.each(named(good))("accepts %s", (_, { document, context }) => {
      expect(found(document, context)).toEqual([]);
    });
  });
}

/** Condition keys that a fix has lost. There must be none, because a fix must not widen anything. */
function lostConditions(before: unknown, after: unknown): string[] {
  const [old, fixed] = [before, after].map(keysOfStatements) as [string[][], string[][]];
  // If every statement had a condition on a key, every statement must still have one.
  return [...new Set(old.flat())].filter(
    (key) => old.every((keys) => keys.includes(key)) && !fixed.every((keys) => keys.includes(key)),
  );
}

function keysOfStatements(document: unknown): string[][] {
  const { Statement } = (typeof document === "string" ? JSON.parse(document) : document) as { Statement: unknown };
  return [Statement]
    .flat()
    .map((statement) => Object.values((statement as { Condition?: Record<string, object> }).Condition ?? {}))
    .map((operators) => operators.flatMap((values) => Object.keys(values)));
}
