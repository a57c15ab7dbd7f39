import { limits } from "../../document/conditions.ts";
import { isDenied } from "../../document/denials.ts";
import { reachOf } from "../../document/reach.ts";
import { WIDTH } from "../../document/scope.ts";
import type { Grant } from "../../document/subject.ts";
import type { DocumentRule } from "../rule.ts";
import { ESCALATIONS, type Escalation } from "./escalations.ts";

export const privilegeEscalation: DocumentRule = {
  id: "privilege-escalation",
  severity: "high",
  title: "Its holder can give itself more rights",
  kinds: ["identity"],
  check: ({ grants, document }) => {
    const bounded = new Set(grants.filter((grant) => passesBoundedRoles(grant, grants)));
    const paths = ESCALATIONS.flatMap((escalation) => {
      const steps = escalation.actions.map((name, i) =>
        isDenied(document, name)
          ? undefined
          : grants.find((grant) => allows(grant, name, i === 0) && !(name === "iam:PassRole" && bounded.has(grant))),
      );
      return steps.every((grant) => grant !== undefined) ? [{ escalation, grants: steps as Grant[] }] : [];
    });
    if (paths.length === 0) return [];
    // One finding for each statement that makes the first step: the ways are many, the mistake is one.
    const byStatement = new Map<Grant, Escalation[]>();
    for (const { escalation, grants: steps } of paths) {
      const first = steps[0] as Grant;
      byStatement.set(first, [...(byStatement.get(first) ?? []), escalation]);
    }
    return [...byStatement].map(([{ statement }, escalations]) => ({
      statement,
      message: `${named(escalations)}: so its holder can ${escalations[0]?.gains}`,
      fix: "limit the first of these actions to exact ARNs of what is not more powerful, or make iam:PermissionsBoundary a condition of it",
    }));
  },
};

/** Whether a grant lets its holder do this to more than it was made for. */
function allows(grant: Grant, name: string, isFirst: boolean): boolean {
  if (!grant.has(name) || isPrevented(grant, name)) return false;
  // Own policies are the widest of all: `user/${aws:username}` may then do anything.
  if (
    /^iam:(Put|Attach)UserPolicy$/.test(name) &&
    grant.scopes.some(({ pattern }) => pattern.includes("${aws:username}"))
  ) {
    return true;
  }
  const reach = grant.statement.resource?.negated ? "wide" : reachOf(grant);
  // Whoever changes policies of a few principals may well be one of them; code is of those whom it belongs to.
  const least = isFirst && !name.startsWith("iam:") ? "wide" : "some";
  return reach !== undefined && (!isFirst || WIDTH[reach] >= WIDTH[least]);
}

/** Whether all roles that a grant hands on are made by the same holder, and only within a boundary. */
function passesBoundedRoles({ scopes }: Grant, grants: Grant[]): boolean {
  const making = grants.filter(({ has }) => ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"].some(has));
  const areBounded = making.every(({ statement }) => limits(statement, /^iam:permissionsboundary$/));
  const made = making.filter(({ has }) => has("iam:CreateRole")).flatMap((grant) => grant.scopes);
  const isMade = ({ pattern, scope }: Grant["scopes"][number]) =>
    WIDTH[scope] < WIDTH.wide && made.some((other) => other.pattern === pattern);
  return making.length > 0 && areBounded && scopes.length > 0 && scopes.every(isMade);
}

/** Conditions under which the way leads nowhere. */
function isPrevented({ statement }: Grant, name: string): boolean {
  if (/^iam:(Attach|Detach)/.test(name) && limits(statement, /^iam:policyarn$/)) return true;
  return limits(
    statement,
    /^(iam:permissionsboundary|(iam|aws|ec2|ssm|lambda|secretsmanager):resourcetag\/.+|aws:principaltag\/.+)$/,
  );
}

function named(escalations: Escalation[]): string {
  const ways = escalations.map(({ actions }) => actions.join(" with "));
  return ways.length <= 2 ? ways.join(" and ") : `${ways.slice(0, 2).join(", ")} and ${ways.length - 2} other ways`;
}
