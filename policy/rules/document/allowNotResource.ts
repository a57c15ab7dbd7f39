import type { DocumentRule } from "../rule.ts";

export const allowNotResource: DocumentRule = {
  id: "allow-not-resource",
  severity: "high",
  title: "An Allow with NotResource covers every other resource",
  kinds: ["identity", "resource"],
  check: ({ grants }) =>
    grants
      .filter(({ statement }) => statement.resource?.negated)
      .map(({ statement }) => ({
        statement,
        message: `NotResource with Allow covers every resource except ${statement.resource?.patterns.join(", ")}`,
        fix: "list the covered resources under Resource; to exclude one, add a separate Deny statement",
      })),
};
