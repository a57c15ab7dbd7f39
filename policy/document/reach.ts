/** What a document really allows on more than was meant. */
import type { Action, PolicyDocument } from "@serverless-chat/iam";
import { narrowsResource } from "./conditions.ts";
import { isDenied } from "./denials.ts";
import { type Scope, WIDTH } from "./scope.ts";
import type { Grant, Subject } from "./subject.ts";

/** The widest that a grant lets an action reach; undefined where it has no resources. */
export function reachOf({ scopes }: Grant): Scope | undefined {
  return scopes.map(({ scope }) => scope).sort((a, b) => WIDTH[b] - WIDTH[a])[0];
}

type Accept = (action: Action) => boolean;

/** By test, what it accepts of a list: `*` stands in many documents, and has 22,000. */
const known = new WeakMap<Accept, WeakMap<Action[], Action[]>>();

function accepted(actions: Action[], accept: Accept): Action[] {
  const byList = known.get(accept) ?? new WeakMap<Action[], Action[]>();
  known.set(accept, byList);
  const list = byList.get(actions) ?? actions.filter(accept);
  byList.set(actions, list);
  return list;
}

/** Of a grant's actions those that a test accepts and that nothing limits to certain resources. */
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

/** A problem for each grant that allows some of these actions widely. */
export function problemsOfWideGrants(
  { grants, document }: Subject,
  accept: Accept,
  message: (actions: string) => string,
  fix: (grant: Grant, actions: Action[]) => object | string,
) {
  return grants.flatMap((grant) => {
    const actions = widely({ grant, document }, accept);
    if (actions.length === 0) return [];
    return [{ statement: grant.statement, message: message(listed(actions)), fix: fix(grant, actions) }];
  });
}

/** A few names, and how many more there are. */
export function listed(actions: Action[]): string {
  const names = actions.slice(0, 3).map(({ name }) => name);
  return actions.length <= 3 ? names.join(", ") : `${names.join(", ")} and ${actions.length - 3} more`;
}
