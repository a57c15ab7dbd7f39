import type { Statement } from "@serverless-chat/iam";
import type { DocumentRule } from "../rule.ts";

export const duplicateSid: DocumentRule = {
  id: "duplicate-sid",
  severity: "low",
  title: "Two statements of a document have the same Sid",
  kinds: ["identity", "trust", "resource", "boundary"],
  check: ({ document: { statements } }) => {
    const used = new Set(statements.map(({ sid }) => sid));
    const seen = new Set<string>();
    return statements.flatMap((statement) => {
      const { sid } = statement;
      const isRepeated = sid !== undefined && seen.has(sid);
      if (sid !== undefined) seen.add(sid);
      if (!isRepeated) return [];
      return [
        {
          statement,
          message: `an earlier statement also has the Sid ${JSON.stringify(sid)}, and IAM rejects such a document`,
          fix: `"Sid": "${unusedSid(statement, used)}"`,
        },
      ];
    });
  },
};

function unusedSid({ sid, index }: Statement, used: Set<string | undefined>): string {
  let number = index;
  while (used.has(`${sid}${number}`)) number += 1;
  return `${sid}${number}`;
}
