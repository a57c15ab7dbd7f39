import { type Action, canMatch } from "@serverless-chat/iam";
import { canApplyTo } from "../../document/actionResources.ts";
import { narrowsResource } from "../../document/conditions.ts";
import type { DocumentContext } from "../../document/subject.ts";
import { arnOf, suggestedStatement } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

export const wideResource: DocumentRule = {
  id: "wide-resource",
  severity: "medium",
  title: "An Allow covers every resource of a type, or resources of any account",
  kinds: ["identity"],
  check: ({ grants, context }) =>
    grants.flatMap(({ statement, actions, scopes }) => {
      if (actions.length > 0 && actions.every((action) => narrowsResource(statement, action))) return [];
      const wide = scopes
        .filter(
          ({ pattern, scope }) =>
            (scope === "wide" && !isAboutAll(pattern, actions)) || isRoleAnywhere(pattern, actions),
        )
        .map(({ pattern }) => ({ pattern, narrow: narrowed(pattern, actions, context) }));
      const [first] = wide;
      if (first === undefined) return [];
      const unclear = wide.find(({ narrow }) => narrow.length === 0);
      const replacements = new Map(wide.map(({ pattern, narrow }) => [pattern, narrow]));
      return [
        {
          statement,
          message: messageOf(
            wide.map(({ pattern }) => pattern),
            actions,
          ),
          fix:
            unclear !== undefined
              ? `write out the ARN that ${JSON.stringify(unclear.pattern)} abbreviates`
              : suggestedStatement(statement, {
                  resources: [...new Set(scopes.flatMap(({ pattern }) => replacements.get(pattern) ?? pattern))],
                }),
        },
      ];
    }),
};

function messageOf(patterns: string[], actions: Action[]): string {
  const quoted = patterns.map((pattern) => JSON.stringify(pattern)).join(", ");
  if (patterns.length > 1)
    return `the resources ${quoted} match every resource of their types, or resources of every account`;
  return isRoleAnywhere(patterns[0] as string, actions)
    ? `the resource ${quoted} lets the holder assume a role of this name in every account that trusts it`
    : `the resource ${quoted} matches every resource of its type, or resources of every account`;
}

/** Whether a statement lets its holder assume a named role in any account. */
function isRoleAnywhere(pattern: string, actions: Action[]): boolean {
  return (
    actions.some(({ name }) => name === "sts:AssumeRole") && /^arn:[^:]*:iam::\?*\*[*?]*:role\/[^*?]+$/.test(pattern)
  );
}

/**
 * Whether the actions don't support a narrower resource than the pattern, as with `group/*` and
 * identitystore:ListGroups.
 */
function isAboutAll(pattern: string, actions: Action[]): boolean {
  const about = actions.filter((action) => canApplyTo(action, pattern));
  return about.length > 0 && about.every(({ resources }) => resources.some(({ arn }) => isWrittenAs(pattern, arn)));
}

/** Whether a pattern has wildcards only where the type's ARN has them. */
function isWrittenAs(pattern: string, arn: string): boolean {
  if (!arn.includes("*")) return false;
  const literals = arn.split(/\$\{\w+\}/).map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^*?]*")}$`).test(pattern);
}

/** Replacements for a pattern: the pattern with names or, if an action doesn't support that, the actions' ARNs. */
function narrowed(pattern: string, actions: Action[], context: DocumentContext): string[] {
  const name = named(pattern);
  const about = actions.filter((action) => canApplyTo(action, pattern));
  if (name !== undefined && about.every((action) => canApplyTo(action, name))) return [name];
  const types = about.flatMap(({ resources }) => resources.filter(({ arn }) => canMatch(arn, pattern)));
  const [, , , region, account] = pattern.split(":").map((part) => (/[*?]/.test(part) ? "" : part));
  const home = { ...context, ...(region && { region }), ...(account && { account }) };
  return [...new Set(types.map((type) => arnOf(type, home)))];
}

/** The pattern with placeholders for its wildcards; undefined if it ends before the name. */
function named(pattern: string): string | undefined {
  const [arn, partition, service, region, account, ...rest] = pattern.split(":");
  if (rest.length === 0) return undefined;
  const serviceName = /[*?]/.test(service ?? "") ? "SERVICE" : service;
  const accountName = /[*?]/.test(account ?? "") ? "ACCOUNT" : account;
  return [arn, partition, serviceName, region, accountName, rest.join(":").replace(/[*?]+/g, "NAME")].join(":");
}
