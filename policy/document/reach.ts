/** Actions that a document allows on more resources than intended. */
import type { Action, PolicyDocument } from "@serverless-chat/iam";
import { narrowsResource } from "./conditions.ts";
import { isDenied } from "./denials.ts";
import { type Scope, WIDTH } from "./scope.ts";
import type { Grant, Subject } from "./subject.ts";

/** The widest scope of a grant's resources; undefined if it has none. */
export function reachOf({ scopes }: Grant): Scope | undefined {
  return scopes.map(({ scope }) => scope).sort((a, b) => WIDTH[b] - WIDTH[a])[0];
}

type Accept = (action: Action) => boolean;

/** For each filter, the result for each list of actions, cached because `*` is common and matches 22,000 actions. */
const known = new WeakMap<Accept, WeakMap<Action[], Action[]>>();

function accepted(actions: Action[], accept: Accept): Action[] {
  const byList = known.get(accept) ?? new WeakMap<Action[], Action[]>();
  known.set(accept, byList);
  const list = byList.get(actions) ?? actions.filter(accept);
  byList.set(actions, list);
  return list;
}

/**
 * The accepted actions of a grant that no resource, condition or Deny limits.
 *
 * @param least the narrowest scope of resources that doesn't count as a limit
 */
export function widely(
  { grant, document }: { grant: Grant; document: PolicyDocument },
  accept: Accept,
  least: Scope = "wide",
): Action[] {
  const reach = reachOf(grant);
  if (reach === undefined || WIDTH[reach] < WIDTH[least]) return [];
  return accepted(grant.actions, accept).filter(
    (action) => !narrowsResource(grant.statement, action) && !isDenied(document, action.name),
  );
}

/** Returns a problem for each grant that allows some of the accepted actions on every resource. */
export function problemsOfWideGrants(
  { grants, document }: Subject,
  accept: Accept,
  message: (actions: string, isOne: boolean) => string,
  fix: (grant: Grant, actions: Action[]) => object | string,
  { includesUnlimited = false } = {},
) {
  return grants.flatMap((grant) => {
    const actions = widely({ grant, document }, accept).filter(
      // An action without resource-level permissions can't be limited, so there is nothing to fix.
      ({ resources }) => resources.length > 0 || includesUnlimited,
    );
    if (actions.length === 0) return [];
    return [
      { statement: grant.statement, message: message(listed(actions), actions.length === 1), fix: fix(grant, actions) },
    ];
  });
}

/** Names up to three actions, and the number of the others. */
export function listed(actions: Action[]): string {
  const names = actions.slice(0, 3).map(({ name }) => name);
  return actions.length <= 3 ? names.join(", ") : `${names.join(", ")} and ${actions.length - 3} more`;
}
