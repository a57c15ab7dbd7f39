import { type Action, canMatch } from "@serverless-chat/iam";
import { canApplyTo } from "../../document/actionResources.ts";
import { narrowsResource } from "../../document/conditions.ts";
import type { DocumentContext } from "../../document/subject.ts";
import { arnOf, suggestedStatement } from "../../document/suggestedStatement.ts";
import type { DocumentRule } from "../rule.ts";

export const wideResource: DocumentRule = {
  id: "wide-resource",
  severity: "medium",
  title: "An Allow names every resource of a type, or those of any account",
  kinds: ["identity"],
  check: ({ grants, context }) =>
    grants.flatMap(({ statement, actions, scopes }) => {
      if (actions.length > 0 && actions.every((action) => narrowsResource(statement, action))) return [];
      return scopes
        .filter(({ pattern, scope }) => scope === "wide" && !isAboutAll(pattern, actions))
        .map(({ pattern }) => {
          const narrow = narrowed(pattern, actions, context);
          return {
            statement,
            message: `the resource ${JSON.stringify(pattern)} names every resource of its type, or of every account`,
            fix:
              narrow.length === 0
                ? `name the resource in full where ${JSON.stringify(pattern)} ends early`
                : suggestedStatement(statement, {
                    resources: scopes.flatMap((other) => (other.pattern === pattern ? narrow : other.pattern)),
                  }),
          };
        });
    }),
};

/** Whether actions know no narrower resources than a pattern, such as `group/*` of identitystore:ListGroups. */
function isAboutAll(pattern: string, actions: Action[]): boolean {
  const about = actions.filter((action) => canApplyTo(action, pattern));
  return about.length > 0 && about.every(({ resources }) => resources.some(({ arn }) => isWrittenAs(pattern, arn)));
}

/** Whether a pattern has its stars where the type's own ARN has them, and names for everything else. */
function isWrittenAs(pattern: string, arn: string): boolean {
  if (!arn.includes("*")) return false;
  const literals = arn.split(/\$\{\w+\}/).map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^*?]*")}$`).test(pattern);
}

/** What to write instead of a pattern: it with names in it, or where that is nothing of the actions', their own ARNs. */
function narrowed(pattern: string, actions: Action[], context: DocumentContext): string[] {
  const name = named(pattern);
  const about = actions.filter((action) => canApplyTo(action, pattern));
  if (name !== undefined && about.every((action) => canApplyTo(action, name))) return [name];
  const types = about.flatMap(({ resources }) => resources.filter(({ arn }) => canMatch(arn, pattern)));
  const [, , , region, account] = pattern.split(":").map((part) => (/[*?]/.test(part) ? "" : part));
  const home = { ...context, ...(region && { region }), ...(account && { account }) };
  return [...new Set(types.map((type) => arnOf(type, home)))];
}

/** The pattern with names where the wildcards are; undefined for one that ends before its name. */
function named(pattern: string): string | undefined {
  const [arn, partition, service, region, account, ...rest] = pattern.split(":");
  if (rest.length === 0) return undefined;
  const serviceName = /[*?]/.test(service ?? "") ? "SERVICE" : service;
  const accountName = /[*?]/.test(account ?? "") ? "ACCOUNT" : account;
  return [arn, partition, serviceName, region, accountName, rest.join(":").replace(/[*?]+/g, "NAME")].join(":");
}
