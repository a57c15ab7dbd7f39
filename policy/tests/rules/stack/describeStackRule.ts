/** Tests a stack rule with examples; see `rules/document/describeDocumentRule.ts` for document rules. */
import { describe, expect, test } from "vitest";
import type { StackContext, StackResource } from "../../../resources/resource.ts";
import type { StackRule } from "../../../rules/rule.ts";
import { catalog } from "../../catalog.ts";
import { type Registered, stackOf } from "../../resources.ts";

interface Good {
  name: string;
  resources: Registered[];
  context?: StackContext;
}

interface Bad extends Good {
  /** Name of the resource that the finding is about. */
  resource: string;
  /** Part of the expected message. */
  message: string;
  /** Expected fix, or part of the expected advice; undefined if several fixes are possible. */
  fix?: unknown;
  /** The stack with the fix applied. */
  fixed: Registered[];
}

export function describeStackRule(
  { id, check }: StackRule,
  { bad, good, title = id }: { bad: Bad[]; good: Good[]; title?: string },
): void {
  const found = (resources: Registered[], context: StackContext = {}) =>
    check(stackOf(resources) as StackResource[], context, catalog);
  const named = <T extends Good>(examples: T[]) => examples.map((example) => [example.name, example] as const);

  describe(title, () => {
    test.each(named(bad))("finds %s", (_, { resources, context, resource, message, fix }) => {
      const [problem, ...others] = found(resources, context);
      expect(others).toEqual([]);
      expect(problem?.resource.name).toBe(resource);
      expect(problem?.message).toContain(message);
      if (fix !== undefined) expect(problem?.fix).toEqual(typeof fix === "string" ? expect.stringContaining(fix) : fix);
    });

    test.each(named(bad))("finds nothing after the fix for %s", (_, { fixed, context }) => {
      expect(found(fixed, context)).toEqual([]);
    });

    test.each(named(good))("accepts %s", (_, { resources, context }) => {
      expect(found(resources, context)).toEqual([]);
    });
  });
}
