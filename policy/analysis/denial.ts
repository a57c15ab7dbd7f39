/** What a document takes back of what it allows. */
import { matchesAction, type PolicyDocument } from "@serverless-chat/iam";

/**
 * Whether an action is forbidden wherever it could do harm: always, or unless a permissions boundary is the one that is
 * demanded, for then nobody gains anything by it.
 */
export function isDenied({ statements }: PolicyDocument, name: string): boolean {
  return statements.some(({ effect, action, resource, conditions }) => {
    if (effect !== "Deny" || resource?.negated || !resource?.patterns.includes("*")) return false;
    const isNamed = action.patterns.some((pattern) => matchesAction(pattern, name)) !== action.negated;
    return isNamed && conditions.every(({ operator, key }) => isBoundaryDemanded(operator, key));
  });
}

function isBoundaryDemanded(operator: string, key: string): boolean {
  return key.toLowerCase() === "iam:permissionsboundary" && /^(string|arn)not(equals|like)$/i.test(operator);
}
