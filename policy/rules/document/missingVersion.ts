import type { DocumentRule } from "../rule.ts";

export const missingVersion: DocumentRule = {
  id: "missing-version",
  severity: "low",
  title: "A document has no Version, or has the old one, which doesn't support policy variables",
  kinds: ["identity", "trust", "resource", "boundary"],
  check: ({ document }) =>
    document.version === "2012-10-17"
      ? []
      : [
          {
            message: 'without Version "2012-10-17" IAM treats policy variables such as ${aws:username} as literal text',
            fix: '"Version": "2012-10-17"',
          },
        ],
};
