import type { DocumentRule } from "../rule.ts";

export const allowNotPrincipal: DocumentRule = {
  id: "allow-not-principal",
  severity: "high",
  title: "An Allow with NotPrincipal admits everyone else",
  kinds: ["trust", "resource"],
  check: ({ grants }) =>
    grants
      .filter(({ statement }) => statement.principal?.negated)
      .map(({ statement }) => ({
        statement,
        message: "NotPrincipal with Allow admits everyone else, including callers without an AWS account",
        fix: "list the admitted callers under Principal",
      })),
};
