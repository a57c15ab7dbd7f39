/** What IAM wants of a document by what it is for, beyond the grammar that all share. */
import { isKnownOperator, type PolicyDocument, type Statement } from "@serverless-chat/iam";
import type { Problem } from "./finding.ts";
import type { Context } from "./subject.ts";

export function grammarProblems({ statements }: PolicyDocument, context: Context): Problem[] {
  return statements.flatMap((statement) =>
    [...partsMissing(statement, context), ...partsWrong(statement, context)].map((message) => ({
      statement,
      message: `IAM would not take this document: ${message}`,
      fix: "write it by https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
    })),
  );
}

function partsMissing({ resource, principal }: Statement, { kind }: Context): string[] {
  const isAttached = kind === "identity" || kind === "boundary";
  return [
    ...(isAttached && resource === undefined ? ["an identity policy names a Resource"] : []),
    ...(isAttached && principal !== undefined ? ["an identity policy has no Principal: it is who has the policy"] : []),
    ...(!isAttached && principal === undefined ? [`a ${kind} policy names a Principal`] : []),
    ...(kind === "trust" && resource !== undefined ? ["a trust policy has no Resource: it is the role"] : []),
  ];
}

const PRINCIPALS = new Set(["*", "AWS", "Service", "Federated", "CanonicalUser"]);

function partsWrong({ sid, resource, principal, conditions }: Statement, { kind }: Context): string[] {
  const patterns = kind === "resource" ? [] : (resource?.patterns ?? []);
  const isAttached = kind !== "resource";
  return [
    ...(isAttached && sid !== undefined && !/^[A-Za-z0-9]*$/.test(sid)
      ? [`the Sid ${JSON.stringify(sid)} has more than letters and digits`]
      : []),
    ...patterns
      .filter((pattern) => !/^(arn:|[*?]*\*[*?]*$|\$\{)/.test(pattern))
      .map((pattern) => `the Resource ${JSON.stringify(pattern)} is neither an ARN nor "*"`),
    ...(principal?.principals ?? [])
      .filter(({ kind: of }) => !PRINCIPALS.has(of))
      .map(({ kind: of }) => `there is no kind ${JSON.stringify(of)} of Principal`),
    ...(principal?.principals ?? [])
      .filter(
        ({ kind: of, value }) =>
          of === "AWS" && value.startsWith("arn:") && /[*?]/.test(value.split(":").slice(4).join(":")),
      )
      .map(
        ({ value }) =>
          `the Principal ${JSON.stringify(value)} has a wildcard within: name it, or make aws:PrincipalArn a condition`,
      ),
    ...conditions
      .filter(({ operator }) => !isKnownOperator(operator))
      .map(({ operator }) => `there is no condition operator ${JSON.stringify(operator)}`),
  ];
}
