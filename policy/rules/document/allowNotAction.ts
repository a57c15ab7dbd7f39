import type { DocumentRule } from "../rule.ts";

export const allowNotAction: DocumentRule = {
  id: "allow-not-action",
  severity: "high",
  title: "An Allow with NotAction allows every other action",
  kinds: ["identity", "trust", "resource"],
  check: ({ grants }) =>
    grants
      .filter(({ statement }) => statement.action.negated)
      .map(({ statement }) => ({
        statement,
        message: `NotAction with Allow allows every action except ${statement.action.patterns.join(", ")}, including actions that AWS adds later`,
        fix: "list the allowed actions under Action; to forbid an action, add a separate Deny statement",
      })),
};
