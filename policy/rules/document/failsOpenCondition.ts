import type { Condition, Statement } from "@serverless-chat/iam";
import { weaknessOf } from "../../document/conditions.ts";
import type { DocumentRule } from "../rule.ts";

export const failsOpenCondition: DocumentRule = {
  id: "fails-open-condition",
  severity: "medium",
  title: "The conditions of an Allow hold where their key is missing",
  kinds: ["identity", "trust", "resource"],
  check: ({ grants }) =>
    grants.flatMap(({ statement }) => {
      const condition = decisive(statement);
      if (condition === undefined) return [];
      const { operator, key } = condition;
      return {
        statement,
        message: `the condition ${operator} on ${key} holds for every request that does not have the key, and no other limits the statement`,
        fix:
          weaknessOf(condition) === "negated"
            ? `name under ${key} what is let in, and what is kept out in a Deny of its own`
            : { Condition: { [operator.replace(/^ForAllValues:|IfExists$/gi, "")]: { [key]: condition.values } } },
      };
    }),
};

/** The open condition that a statement hangs on. */
function decisive({ conditions }: Statement): Condition | undefined {
  if (conditions.length > 0 && conditions.every(isOpen)) return conditions[0];
  // An audience is everybody's; the subject is what binds a token's holder.
  return conditions.find((condition) => isOpen(condition) && /[^:]:sub$/i.test(condition.key));
}

/** `Null` is a deliberate question about the key. */
function isOpen(condition: Condition): boolean {
  const weakness = weaknessOf(condition);
  return (
    (weakness === "negated" || weakness === "holds without the key") && condition.operator.toLowerCase() !== "null"
  );
}
