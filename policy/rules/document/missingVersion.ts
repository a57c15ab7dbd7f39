import type { DocumentRule } from "../rule.ts";

export const missingVersion: DocumentRule = {
  id: "missing-version",
  severity: "low",
  title: "A document has no Version, or the old one, which does not know policy variables",
  kinds: ["identity", "trust", "resource", "boundary"],
  check: ({ document }) =>
    document.version === "2012-10-17"
      ? []
      : [
          {
            message: 'without Version "2012-10-17" IAM takes ${aws:username} and the like for text',
            fix: '"Version": "2012-10-17"',
          },
        ],
};
