/**
 * Evaluates whether a request is allowed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { conditionHolds } from "./conditions.ts";
import type { PolicyDocument, PrincipalMatcher, Statement } from "./document.ts";
import { type Context, contextOf, matchesAction, matchesResource } from "./match.ts";

export interface AccessRequest {
  /** `service:Operation`. */
  action: string;
  /** ARN of the resource, or `*` if the action has no resource. */
  resource: string;
  /** Condition keys of the request, or a function that returns them, which is called only if a statement needs them. */
  context?: Record<string, string | string[]> | (() => Record<string, string | string[]>);
  /** The caller; required if the resource has a policy. */
  principal?: { Service?: string; AWS?: string };
}

export interface Policies {
  identity?: PolicyDocument[];
  boundary?: PolicyDocument;
  resource?: PolicyDocument[];
}

export interface Decision {
  allowed: boolean;
  reason: "allowed" | "explicitDeny" | "implicitDeny" | "outsideBoundary";
  /** The decisive statement, if any. */
  statement?: { sid?: string; index: number };
  /** Additional information, such as an operator that IAM doesn't have. */
  notes: string[];
}

/**
 * Decides within one account: an explicit Deny wins; otherwise an identity policy (within the boundary, if there is
 * one) or a resource policy must allow the request. A condition with an unknown operator is never met in an Allow, and
 * always met in a Deny.
 */
export function evaluate(request: AccessRequest, policies: Policies): Decision {
  const notes: string[] = [];
  const context = contextOf(request.context);
  const applying = (documents: PolicyDocument[], isResourcePolicy: boolean) =>
    documents.flatMap((document) =>
      document.statements.filter((statement) =>
        applies(statement, document, request, context, isResourcePolicy, notes),
      ),
    );
  // A service that calls on its own behalf has no identity policies.
  const identity = request.principal?.Service === undefined ? applying(policies.identity ?? [], false) : [];
  const boundary = policies.boundary === undefined ? undefined : applying([policies.boundary], false);
  const resource = applying(policies.resource ?? [], true);

  const denial = [...identity, ...(boundary ?? []), ...resource].find(({ effect }) => effect === "Deny");
  if (denial !== undefined) return { allowed: false, reason: "explicitDeny", statement: named(denial), notes };
  const byResource = resource.find((statement) => isAllow(statement) && !onlyDelegates(statement, request.principal));
  const byIdentity = identity.find(isAllow);
  const allow = byResource ?? byIdentity;
  if (allow === undefined) return { allowed: false, reason: "implicitDeny", notes };
  const limited = byResource === undefined || isRole(request.principal?.AWS);
  if (limited && boundary !== undefined && !boundary.some(isAllow)) {
    return { allowed: false, reason: "outsideBoundary", notes };
  }
  return { allowed: true, reason: "allowed", statement: named(allow), notes };
}

function applies(
  statement: Statement,
  document: PolicyDocument,
  request: AccessRequest,
  context: Context,
  isResourcePolicy: boolean,
  notes: string[],
): boolean {
  const variables = document.version === "2012-10-17" ? context : undefined;
  const { action, resource, principal } = statement;
  if (action.patterns.some((pattern) => matchesAction(pattern, request.action)) === action.negated) return false;
  if (resource === undefined ? !isResourcePolicy : !resourceApplies(resource, request.resource, variables))
    return false;
  if (isResourcePolicy && (principal === undefined || !principalApplies(principal, request.principal))) return false;
  return statement.conditions.every((condition) => {
    const holds = conditionHolds(condition, context, variables);
    if (holds !== "unknown operator") return holds;
    notes.push(
      `statement ${statement.sid ?? statement.index} has the condition operator "${condition.operator}", ` +
        `which IAM does not know: the ${statement.effect} counts as ${statement.effect === "Deny" ? "met" : "not met"}`,
    );
    return statement.effect === "Deny";
  });
}

function resourceApplies(
  matcher: NonNullable<Statement["resource"]>,
  resource: string,
  variables: Context | undefined,
): boolean {
  return matcher.patterns.some((pattern) => matchesResource(pattern, resource, variables)) !== matcher.negated;
}

/**
 * Whether a statement admits the caller only as part of an account. Such a statement lets the account's administrators
 * delegate; by itself it doesn't grant anything to the account's roles and users.
 */
function onlyDelegates({ principal }: Statement, caller: AccessRequest["principal"]): boolean {
  if (principal === undefined || principal.negated) return false;
  return principal.principals
    .filter(({ kind, value }) => principalApplies({ negated: false, principals: [{ kind, value }] }, caller))
    .every(({ value }) => accountOf(value) !== undefined && accountOf(value) !== caller?.AWS);
}

function accountOf(principal: string): string | undefined {
  const match = ACCOUNT.exec(principal);
  return match === null ? undefined : (match[1] ?? principal);
}

/** A principal that is an account, given as its number or its root, and so includes everyone in it. */
const ACCOUNT = /^(?:\d{12}$|arn:[^:]*:iam::(\d{12}):root$)/;

/** Whether a caller is a role. A role's boundary limits what resource policies grant it; a user's boundary doesn't. */
function isRole(principal: string | undefined): boolean {
  return /^arn:[^:]*:iam::\d{12}:role\//.test(principal ?? "");
}

function principalApplies(matcher: PrincipalMatcher, caller: AccessRequest["principal"]): boolean {
  const hit = matcher.principals.some(({ kind, value }) => {
    if (kind === "Service") return value === caller?.Service;
    if (kind !== "*" && kind !== "AWS") return false;
    if (value === "*") return true;
    if (caller?.AWS === undefined) return false;
    const account = accountOf(value);
    if (account === undefined) return value === caller.AWS;
    return caller.AWS === account || caller.AWS.split(":")[4] === account;
  });
  return hit !== matcher.negated;
}

function isAllow({ effect }: Statement): boolean {
  return effect === "Allow";
}

function named({ sid, index }: Statement): NonNullable<Decision["statement"]> {
  return { ...(sid === undefined ? {} : { sid }), index };
}
