import type { Condition } from "@serverless-chat/iam";
import { weaknessOf } from "../../document/conditions.ts";
import type { Grant } from "../../document/subject.ts";
import type { DocumentRule } from "../rule.ts";

export const failsOpenCondition: DocumentRule = {
  id: "fails-open-condition",
  severity: "medium",
  title: "The conditions of an Allow also hold for requests that lack their keys",
  kinds: ["identity", "trust", "resource"],
  check: ({ grants }) =>
    grants.flatMap((grant) => {
      const condition = decisive(grant);
      if (condition === undefined) return [];
      const { operator, key } = condition;
      return {
        statement: grant.statement,
        message: `the condition ${operator} on ${key} holds for every request without that key, and no other condition limits the statement`,
        fix:
          weaknessOf(condition) === "negated"
            ? `list the admitted values under ${key}, and deny the others in a separate statement`
            : { Condition: { [operator.replace(/^ForAllValues:|IfExists$/gi, "")]: { [key]: condition.values } } },
      };
    }),
};

/** The condition that fails open and that the statement depends on. */
function decisive(grant: Grant): Condition | undefined {
  const { conditions } = grant.statement;
  const failsOpen = (condition: Condition) => isOpen(condition) && !isAlwaysPresent(condition, grant);
  if (conditions.length > 0 && conditions.every(failsOpen)) return conditions[0];
  // Other conditions can't replace one on the subject: many tokens share an audience, and only the subject identifies
  // the token's holder.
  return conditions.find((condition) => failsOpen(condition) && /[^:]:sub$/i.test(condition.key));
}

/** Whether a condition holds for requests without its key. `Null` tests that on purpose. */
function isOpen(condition: Condition): boolean {
  const weakness = weaknessOf(condition);
  return (
    (weakness === "negated" || weakness === "holds without the key") && condition.operator.toLowerCase() !== "null"
  );
}

/**
 * Whether every request has the key. DynamoDB sends `dynamodb:LeadingKeys` with every call that names keys, so only
 * Scan and PartiQL evade it. The operator must be ForAllValues, because batch calls have several keys.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
function isAlwaysPresent({ operator, key }: Condition, { has }: Grant): boolean {
  const hasKeys = key.toLowerCase() === "dynamodb:leadingkeys" && /^forallvalues:(?!.*not)/i.test(operator);
  return hasKeys && !WITHOUT_KEYS.some(has);
}

const WITHOUT_KEYS = ["Scan", "PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"].map(
  (name) => `dynamodb:${name}`,
);
