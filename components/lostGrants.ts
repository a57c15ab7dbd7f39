/** Compares two versions of a role's policy. */

/** An action on a resource that the earlier policy allows and the later one doesn't. */
export interface LostGrant {
  action: string;
  resource: string;
}

/**
 * Permissions that a policy no longer grants. The order of statements, actions and resources doesn't matter, nor do
 * Sids, formatting, or how a grant is divided into statements.
 *
 * Statements with elements that a `Grant` doesn't have, such as conditions, are ignored.
 *
 * @param before earlier policy, as JSON text or as an object; if either policy is unknown, the result is empty
 * @param after later policy, in one of the same forms
 */
export function lostGrants(before: unknown, after: unknown): LostGrant[] {
  const [allowedBefore, allowedAfter] = [allowedBy(before), allowedBy(after)];
  if (allowedBefore === undefined || allowedAfter === undefined) return [];
  // IAM ignores the case of an action.
  const kept = allowedAfter.map(({ action, resource }) => ({
    hasAction: matcher(action.toLowerCase()),
    hasResource: matcher(resource),
  }));
  const lost = allowedBefore.filter(
    ({ action, resource }) => !kept.some((one) => one.hasAction(action.toLowerCase()) && one.hasResource(resource)),
  );
  return [...new Map(lost.map((grant) => [JSON.stringify(grant), grant])).values()];
}

/** Every action with every resource that a policy allows it on; undefined if the policy is unknown. */
function allowedBy(policy: unknown): LostGrant[] | undefined {
  const document = typeof policy === "string" ? parse(policy) : policy;
  if (!isRecord(document) || document.Statement === undefined) return undefined;
  return listOf(document.Statement).flatMap((statement) => {
    if (!isRecord(statement) || !Object.keys(statement).every((element) => ELEMENTS.has(element))) return [];
    if (statement.Effect !== "Allow") return [];
    return textsOf(statement.Action).flatMap((action) =>
      textsOf(statement.Resource).map((resource) => ({ action, resource })),
    );
  });
}

const ELEMENTS = new Set(["Sid", "Effect", "Action", "Resource"]);

/** A test for texts that a pattern covers, which may be patterns, too: `dynamodb:*` covers `dynamodb:Get*`. */
function matcher(pattern: string): (text: string) => boolean {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  const escaped = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const regExp = new RegExp(`^${escaped}$`, "s");
  return (text) => regExp.test(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A document with an unknown part is unknown as a whole.
    return undefined;
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((text) => typeof text === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
