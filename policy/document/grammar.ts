/** Requirements of each kind of document, beyond the common grammar. */
import { isKnownOperator, type PolicyDocument, type Statement } from "@serverless-chat/iam";
import type { Problem } from "../finding.ts";
import { isUnknownArn } from "./scope.ts";
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
    message: `IAM would reject this document: ${message}`,
    fix: "follow https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
  };
}

/**
 * Maximum length of each kind of document, without white space, for the types with the largest limits: inline policies
 * of permission sets, trust policies and access policies of search domains. The context provides smaller limits.
 */
const MAX_CHARACTERS: Record<DocumentKind, number> = {
  identity: 32_768,
  boundary: 32_768,
  trust: 8_192,
  resource: 102_400,
};

/** The problem of a document that is too long. Called before parsing, so that oversized input costs nothing. */
export function lengthProblem(
  document: unknown,
  { kind, maxCharacters = MAX_CHARACTERS[kind] }: DocumentContext,
): Problem | undefined {
  const length = lengthOf(document);
  if (length <= maxCharacters) return undefined;
  return {
    ...rejected(`it has more than ${maxCharacters.toLocaleString("en")} characters`),
    fix: "split it into several policies, or combine statements",
  };
}

/** Length of a document without white space, as IAM counts it. */
export function lengthOf(document: unknown): number {
  try {
    const text = typeof document === "string" ? document : (JSON.stringify(document) ?? "");
    return text.replace(/\s+/g, "").length;
  } catch {
    // The document is nested too deeply for the call stack.
    return Number.POSITIVE_INFINITY;
  }
}

/** Whether the policy is attached to an identity. Other policies name their principals. */
function isHeld({ kind, service }: DocumentContext): boolean {
  return kind === "identity" || (kind === "boundary" && service === undefined);
}

function partsMissing({ resource, principal }: Statement, context: DocumentContext): string[] {
  const { kind, service = "a resource" } = context;
  return [
    ...(isHeld(context) && resource === undefined ? ["an identity policy needs a Resource"] : []),
    ...(isHeld(context) && principal !== undefined
      ? ["an identity policy can't have a Principal: the principal is its holder"]
      : []),
    ...(!isHeld(context) && principal === undefined
      ? [`a policy of ${kind === "trust" ? "a role" : service} needs a Principal`]
      : []),
    ...(kind === "trust" && resource !== undefined
      ? ["a trust policy can't have a Resource: the resource is its role"]
      : []),
  ];
}

const PRINCIPALS = new Set(["*", "AWS", "Service", "Federated", "CanonicalUser"]);

function partsWrong({ sid, action, resource, principal, conditions }: Statement, context: DocumentContext): string[] {
  // Other services have their own grammars.
  const isOfIam = isHeld(context) || context.kind === "trust";
  const patterns = isOfIam ? (resource?.patterns ?? []) : [];
  return [
    ...(isOfIam && sid !== undefined && !/^[A-Za-z0-9]*$/.test(sid)
      ? [`the Sid ${JSON.stringify(sid)} has characters other than letters and digits`]
      : []),
    ...action.patterns
      .filter((pattern) => !/[:*?]/.test(pattern))
      .map((pattern) => `the Action ${JSON.stringify(pattern)} has no service prefix, such as "s3:GetObject"`),
    ...(context.kind === "trust" ? action.patterns : [])
      .filter((pattern) => /^[^*?]+:/.test(pattern) && !/^sts:/i.test(pattern) && !isUnknownArn(pattern))
      .map((pattern) => `a trust policy allows sts actions only, not ${JSON.stringify(pattern)}`),
    ...patterns
      .filter((pattern) => !/^(arn:|\?*\*[*?]*$|\$\{)/.test(pattern))
      .map((pattern) => `the Resource ${JSON.stringify(pattern)} is neither an ARN nor "*"`),
    ...(principal?.principals ?? [])
      .filter(({ kind: of }) => !PRINCIPALS.has(of))
      .map(({ kind: of }) => `${JSON.stringify(of)} isn't a type of Principal`),
    ...(principal?.principals ?? []).flatMap(({ kind: of, value }) => principalProblem(of, value) ?? []),
    ...(principal?.principals ?? [])
      .filter(
        ({ kind: of, value }) =>
          of === "AWS" && value.startsWith("arn:") && /[*?]/.test(value.split(":").slice(4).join(":")),
      )
      .map(
        ({ value }) =>
          `the Principal ${JSON.stringify(value)} contains a wildcard; write it out, or use a condition on aws:PrincipalArn`,
      ),
    ...conditions
      .filter(({ operator }) => !isKnownOperator(operator))
      .map(({ operator }) => `${JSON.stringify(operator)} isn't a condition operator`),
  ];
}

/** Service principals of Alexa, the only ones outside amazonaws.com. */
const OF_ALEXA = /^alexa-[a-z]+\.amazon\.com$/;

/** Returns the reason why IAM rejects a principal. Accepts a template's placeholders, which have capital letters. */
function principalProblem(kind: string, value: string): string | undefined {
  if (isUnknownArn(value) || value.includes("${")) return undefined;
  if (kind === "Service") {
    if (OF_ALEXA.test(value) || !/^[a-z0-9.-]+$/.test(value) || /\.(amazonaws|aws)\.|\.aws\.internal$/.test(value))
      return undefined;
    return `the service ${JSON.stringify(value)} doesn't exist; services are named like "lambda.amazonaws.com"`;
  }
  if (kind !== "AWS") return undefined;
  if (/^[a-z0-9.-]+\.amazonaws\.com/.test(value))
    return `${JSON.stringify(value)} is a service: write it under "Service"`;
  if (/^\d+$/.test(value) && value.length !== 12) return `the account ${value} doesn't have 12 digits`;
  const [arn, , service = "", , account = "", name = ""] = value.split(":");
  if (arn !== "arn") return undefined;
  if (!["iam", "sts", "*"].includes(service))
    return `${JSON.stringify(value)} isn't a principal: name the role that the resource has`;
  if (/^\d+$/.test(account) && account.length !== 12)
    return `the account in ${JSON.stringify(value)} doesn't have 12 digits`;
  if (/^(group|policy|instance-profile)\//.test(name)) return `a ${name.split("/")[0]} can't be a principal`;
  return undefined;
}
