import type { DocumentRule } from "../rule.ts";

export const allowNotResource: DocumentRule = {
  id: "allow-not-resource",
  severity: "high",
  title: "An Allow names the resources that it is not for, and so is for all others",
  kinds: ["identity", "resource"],
  check: ({ grants }) =>
    grants
      .filter(({ statement }) => statement.resource?.negated)
      .map(({ statement }) => ({
        statement,
        message: `NotResource with Allow is for every resource but ${statement.resource?.patterns.join(", ")}`,
        fix: "name under Resource what it is for; to keep something out, give it a Deny of its own",
      })),
};
