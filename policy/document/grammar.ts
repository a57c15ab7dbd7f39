/** What IAM wants of a document by what it is for, beyond the grammar that all share. */
import { isKnownOperator, type PolicyDocument, type Statement } from "@serverless-chat/iam";
import type { Problem } from "../finding.ts";
import type { DocumentContext, DocumentKind } from "./subject.ts";

export function grammarProblems({ statements }: PolicyDocument, context: DocumentContext): Problem[] {
  return statements.flatMap((statement) =>
    [...partsMissing(statement, context), ...partsWrong(statement, context)].map((message) => ({
      statement,
      ...rejected(message),
    })),
  );
}

export function rejected(message: string): Problem {
  return {
    message: `IAM would not take this document: ${message}`,
    fix: "write it by https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
  };
}

/**
 * The longest documents that there are of a kind, without white space: inline policies of permission sets, trust
 * policies, access policies of search domains. Most are to be far shorter.
 */
const MAX_CHARACTERS: Record<DocumentKind, number> = {
  identity: 32_768,
  boundary: 32_768,
  trust: 8_192,
  resource: 102_400,
};

/** What is longer nobody has to read. */
export function lengthProblem(document: unknown, { kind }: DocumentContext): Problem | undefined {
  const length = lengthOf(document);
  const most = MAX_CHARACTERS[kind];
  return length <= most ? undefined : rejected(`it has more than ${most.toLocaleString("en")} characters`);
}

function lengthOf(document: unknown): number {
  try {
    const text = typeof document === "string" ? document : (JSON.stringify(document) ?? "");
    return text.replace(/\s+/g, "").length;
  } catch {
    // Deeper than the stack is.
    return Number.POSITIVE_INFINITY;
  }
}

/** Whether somebody has the policy; else it says who may. */
function isHeld({ kind, service }: DocumentContext): boolean {
  return kind === "identity" || (kind === "boundary" && service === undefined);
}

function partsMissing({ resource, principal }: Statement, context: DocumentContext): string[] {
  const { kind, service = "a resource" } = context;
  return [
    ...(isHeld(context) && resource === undefined ? ["an identity policy names a Resource"] : []),
    ...(isHeld(context) && principal !== undefined
      ? ["an identity policy has no Principal: it is who has the policy"]
      : []),
    ...(!isHeld(context) && principal === undefined
      ? [`a policy of ${kind === "trust" ? "a role" : service} names a Principal`]
      : []),
    ...(kind === "trust" && resource !== undefined ? ["a trust policy has no Resource: it is the role"] : []),
  ];
}

const PRINCIPALS = new Set(["*", "AWS", "Service", "Federated", "CanonicalUser"]);

function partsWrong({ sid, action, resource, principal, conditions }: Statement, context: DocumentContext): string[] {
  // Each service has its own grammar for the rest.
  const isOfIam = isHeld(context) || context.kind === "trust";
  const patterns = isOfIam ? (resource?.patterns ?? []) : [];
  return [
    ...(isOfIam && sid !== undefined && !/^[A-Za-z0-9]*$/.test(sid)
      ? [`the Sid ${JSON.stringify(sid)} has more than letters and digits`]
      : []),
    ...(context.kind === "trust" ? action.patterns : [])
      .filter((pattern) => /^[^*?]+:/.test(pattern) && !/^sts:/i.test(pattern))
      .map((pattern) => `a trust policy is about taking the role, and not about ${JSON.stringify(pattern)}`),
    ...patterns
      .filter((pattern) => !/^(arn:|\?*\*[*?]*$|\$\{)/.test(pattern))
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
