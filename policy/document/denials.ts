/** Actions that a document denies. */
import { type Condition, matchesAction, type PolicyDocument, type Statement } from "@serverless-chat/iam";

/** Results by document, cached because every rule asks about the same actions. */
const known = new WeakMap<PolicyDocument, { denials: Statement[]; byAction: Map<string, boolean> }>();

/**
 * Whether a document denies an action everywhere, or everywhere except under a required permissions boundary, which
 * makes the action harmless.
 */
export function isDenied(document: PolicyDocument, name: string): boolean {
  const { denials, byAction } = known.get(document) ?? {
    denials: document.statements.filter(denies),
    byAction: new Map(),
  };
  known.set(document, { denials, byAction });
  if (denials.length === 0) return false;
  const isDenied = byAction.get(name) ?? denials.some((denial) => names(denial, name));
  byAction.set(name, isDenied);
  return isDenied;
}

function denies({ effect, resource, conditions }: Statement): boolean {
  const isEverywhere = resource?.negated === false && resource.patterns.includes("*");
  return effect === "Deny" && isEverywhere && conditions.every(isBoundaryDemanded);
}

function names({ action }: Statement, name: string): boolean {
  return action.patterns.some((pattern) => matchesAction(pattern, name)) !== action.negated;
}

function isBoundaryDemanded({ operator, key }: Condition): boolean {
  return key.toLowerCase() === "iam:permissionsboundary" && /^(string|arn)not(equals|like)$/i.test(operator);
}
