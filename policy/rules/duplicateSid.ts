import type { Statement } from "@serverless-chat/iam";
import type { Rule } from "../analysis/rule.ts";

export const duplicateSid: Rule = {
  id: "duplicate-sid",
  severity: "low",
  title: "Two statements of a document have the same Sid",
  kinds: ["identity", "trust", "resource", "boundary"],
  examine: ({ document: { statements } }) =>
    statements
      .filter(({ sid, index }) => sid !== undefined && statements.findIndex((other) => other.sid === sid) < index)
      .map((statement) => ({
        statement,
        message: `the Sid ${JSON.stringify(statement.sid)} stands in an earlier statement already: IAM refuses such a document`,
        fix: `"Sid": "${unusedSid(statement, new Set(statements.map(({ sid }) => sid)))}"`,
      })),
};

function unusedSid({ sid, index }: Statement, used: Set<string | undefined>): string {
  let number = index;
  while (used.has(`${sid}${number}`)) number += 1;
  return `${sid}${number}`;
}
