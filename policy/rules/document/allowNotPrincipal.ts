import type { DocumentRule } from "../rule.ts";

export const allowNotPrincipal: DocumentRule = {
  id: "allow-not-principal",
  severity: "high",
  title: "An Allow names who is kept out, and so lets everybody else in",
  kinds: ["trust", "resource"],
  check: ({ grants }) =>
    grants
      .filter(({ statement }) => statement.principal?.negated)
      .map(({ statement }) => ({
        statement,
        message: "NotPrincipal with Allow lets in everybody else, strangers without an AWS account among them",
        fix: "name under Principal who is let in",
      })),
};
