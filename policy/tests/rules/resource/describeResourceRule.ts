/** Tests a resource rule with examples; see `rules/document/describeDocumentRule.ts` for document rules. */
import { describe, expect, test } from "vitest";
import { checkResource } from "../../../checkStack.ts";
import type { StackContext } from "../../../resources/resource.ts";
import type { ResourceRule } from "../../../rules/rule.ts";
import { catalog } from "../../catalog.ts";
import { type Registered, registered } from "../../resources.ts";

interface Good extends Omit<Registered, "name"> {
  /** Name of the example. */
  name: string;
  /** @default {} */
  context?: StackContext;
}

interface Bad extends Good {
  /** Part of the expected message. */
  message: string;
  /** Inputs that fix the resource, or part of the expected advice; undefined if several fixes are possible. */
  fix?: unknown;
}

export function describeResourceRule({ id }: ResourceRule, { bad, good }: { bad: Bad[]; good: Good[] }): void {
  const found = ({ type, props, context = {} }: Omit<Good, "name">) =>
    checkResource(registered({ type, name: "orders", props }), context, catalog).findings.filter(
      ({ rule }) => rule === id,
    );
  const named = <T extends Good>(examples: T[]) => examples.map((example) => [example.name, example] as const);

  describe(id, () => {
    test.each(named(bad))("finds %s", (_, { message, fix, ...resource }) => {
      const [finding, ...others] = found(resource);
      expect(others).toEqual([]);
      expect(finding?.message).toContain(message);
      if (fix !== undefined) expect(finding?.fix).toEqual(typeof fix === "string" ? expect.stringContaining(fix) : fix);
    });

    test.each(named(bad))("says what fixes %s", (_, { type, props, ...rest }) => {
      const [finding] = found({ type, props, ...rest });
      if (typeof finding?.fix === "string") return;
      expect(found({ ...rest, type, props: { ...props, ...finding?.fix } })).toEqual([]);
    });

    test.each(named(good))("accepts %s", (_, resource) => {
      expect(found(resource)).toEqual([]);
    });
  });
}
