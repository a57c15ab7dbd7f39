import { narrowsResource } from "../analysis/narrowing.ts";
import type { Rule } from "../analysis/rule.ts";
import { statementText } from "../analysis/written.ts";

export const wideResource: Rule = {
  id: "wide-resource",
  severity: "medium",
  title: "An Allow names every resource of a type, or those of any account",
  kinds: ["identity"],
  examine: ({ grants }) =>
    grants.flatMap(({ statement, actions, scopes }) => {
      if (actions.length > 0 && actions.every((action) => narrowsResource(statement, action))) return [];
      return scopes
        .filter(({ scope }) => scope === "wide")
        .map(({ pattern }) => ({
          statement,
          message: `the resource ${JSON.stringify(pattern)} names every resource of its type, or of every account`,
          fix:
            named(pattern) === undefined
              ? `name the resource in full where ${JSON.stringify(pattern)} ends early`
              : statementText(statement, {
                  resources: scopes.map((other) =>
                    other.pattern === pattern ? (named(pattern) as string) : other.pattern,
                  ),
                }),
        }));
    }),
};

/** The pattern with names where the wildcards are; undefined for one that ends before its name. */
function named(pattern: string): string | undefined {
  const [arn, partition, service, region, account, ...rest] = pattern.split(":");
  if (rest.length === 0) return undefined;
  const serviceName = /[*?]/.test(service ?? "") ? "SERVICE" : service;
  const accountName = /[*?]/.test(account ?? "") ? "ACCOUNT" : account;
  return [arn, partition, serviceName, region, accountName, rest.join(":").replace(/[*?]+/g, "NAME")].join(":");
}
