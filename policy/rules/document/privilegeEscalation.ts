import { limits } from "../../document/conditions.ts";
import { isDenied } from "../../document/denials.ts";
import { reachOf } from "../../document/reach.ts";
import { WIDTH } from "../../document/scope.ts";
import type { Grant, Subject } from "../../document/subject.ts";
import type { Problem } from "../../finding.ts";
import type { DocumentRule } from "../rule.ts";
import { ESCALATIONS, type Escalation } from "./escalations.ts";
import { exactEscalation } from "./exactEscalation.ts";

export const privilegeEscalation: DocumentRule = {
  id: "privilege-escalation",
  severity: "high",
  title: "The holder can give itself more permissions",
  kinds: ["identity"],
  check: (subject) => {
    const wide = wideEscalations(subject);
    const found = new Set(wide.map(({ statement }) => statement));
    const exact = subject.grants
      .filter(({ statement }) => !found.has(statement))
      .flatMap((grant): Problem[] => exactEscalation(grant, subject));
    return [...wide, ...exact];
  },
};

/** Finds escalations that begin with an action on more than one resource. */
function wideEscalations({ grants, document }: Subject): Problem[] {
  const bounded = new Set(grants.filter((grant) => passesBoundedRoles(grant, grants)));
  const paths = ESCALATIONS.flatMap((escalation) => {
    const steps = escalation.actions.map((name, i) =>
      isDenied(document, name)
        ? undefined
        : grants.find((grant) => allows(grant, name, i === 0) && !(name === "iam:PassRole" && bounded.has(grant))),
    );
    return steps.every((grant) => grant !== undefined) ? [{ escalation, grants: steps as Grant[] }] : [];
  });
  // One finding per statement that allows the first step, because many escalations are a single mistake.
  const byStatement = new Map<Grant, Escalation[]>();
  for (const { escalation, grants: steps } of paths) {
    const first = steps[0] as Grant;
    byStatement.set(first, [...(byStatement.get(first) ?? []), escalation]);
  }
  return [...byStatement].map(([{ statement }, escalations]) => ({
    statement,
    message: `with ${named(escalations)}, the holder can ${escalations[0]?.gains}`,
    fix: "limit the first of these actions to exact ARNs that aren't more powerful than the holder, or require iam:PermissionsBoundary in a condition",
  }));
}

/** Whether a grant allows this step of an escalation. The first step has to reach more than one resource. */
function allows(grant: Grant, name: string, isFirst: boolean): boolean {
  if (!grant.has(name) || isPrevented(grant, name)) return false;
  // Changing the holder's own policies is the worst case: a grant on `user/${aws:username}` lets all users give
  // themselves every permission.
  if (
    /^iam:(Put|Attach)UserPolicy$/.test(name) &&
    grant.scopes.some(({ pattern }) => pattern.includes("${aws:username}"))
  ) {
    return true;
  }
  const { scopes, statement } = grant;
  const isOneRole = name === "sts:AssumeRole" && scopes.every(({ scope }) => WIDTH[scope] < WIDTH.wide);
  if (isFirst && isOneRole) return false;
  const reach = statement.resource?.negated ? "wide" : reachOf(grant);
  // A holder that can change the policies of a few principals may be one of these principals, whereas new code affects
  // only the named functions.
  const least = isFirst && !name.startsWith("iam:") ? "wide" : "some";
  return reach !== undefined && (!isFirst || WIDTH[reach] >= WIDTH[least]);
}

/** Whether the holder itself creates all roles that a grant passes on, and only within a boundary. */
function passesBoundedRoles({ scopes }: Grant, grants: Grant[]): boolean {
  const making = grants.filter(({ has }) => ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"].some(has));
  const areBounded = making.every(({ statement }) => limits(statement, /^iam:permissionsboundary$/));
  const made = making.filter(({ has }) => has("iam:CreateRole")).flatMap((grant) => grant.scopes);
  const isMade = ({ pattern, scope }: Grant["scopes"][number]) =>
    WIDTH[scope] < WIDTH.wide && made.some((other) => other.pattern === pattern);
  return making.length > 0 && areBounded && scopes.length > 0 && scopes.every(isMade);
}

/** Whether a condition makes the step harmless. */
export function isPrevented({ statement }: Grant, name: string): boolean {
  if (/^iam:(Attach|Detach)/.test(name) && limits(statement, /^iam:policyarn$/)) return true;
  return limits(
    statement,
    /^(iam:permissionsboundary|(iam|aws|ec2|ssm|lambda|secretsmanager):resourcetag\/.+|aws:principaltag\/.+)$/,
  );
}

function named(escalations: Escalation[]): string {
  const ways = escalations.map(({ actions }) => actions.join(" and "));
  return ways.length <= 2
    ? ways.join(", or ")
    : `${ways.slice(0, 2).join(", or ")}, or in ${ways.length - 2} other ways`;
}
