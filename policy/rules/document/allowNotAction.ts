import type { DocumentRule } from "../rule.ts";

export const allowNotAction: DocumentRule = {
  id: "allow-not-action",
  severity: "high",
  title: "An Allow names what it does not allow, and so allows everything else",
  kinds: ["identity", "trust", "resource"],
  check: ({ grants }) =>
    grants
      .filter(({ statement }) => statement.action.negated)
      .map(({ statement }) => ({
        statement,
        message: `NotAction with Allow allows every action but ${statement.action.patterns.join(", ")}, those that AWS adds tomorrow among them`,
        fix: "name under Action what is allowed; to forbid something, give it a Deny of its own",
      })),
};
