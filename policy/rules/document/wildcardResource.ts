import { hasResources } from "../../document/actionResources.ts";
import { listed, widely } from "../../document/reach.ts";
import { arnOf, suggestedStatement } from "../../document/suggestedStatement.ts";
import type { Problem } from "../../finding.ts";
import type { DocumentRule } from "../rule.ts";

export const wildcardResource: DocumentRule = {
  id: "wildcard-resource",
  severity: "high",
  title: "An Allow is for all resources, though its actions can be limited to some",
  // In a resource policy `*` is the resource that it belongs to.
  kinds: ["identity"],
  check: ({ grants, document, context }) =>
    grants.flatMap((grant): Problem[] => {
      const limitable = widely({ grant, document }, hasResources, "all");
      if (limitable.length === 0) return [];
      const { statement } = grant;
      const message = `${listed(limitable)} can be limited to certain resources, and are not`;
      if (limitable.length > MAX_NAMES) {
        return [
          { statement, message, fix: "name the actions that are called, each service's on ARNs of its resources" },
        ];
      }
      const arns = limitable.map(({ resources }) => resources.map((type) => arnOf(type, context)));
      // Each action is to have one of its own.
      const needed = new Set(arns.map(([first = ""]) => first));
      const fix = suggestedStatement(statement, {
        actions: limitable.map(({ name }) => name),
        resources: [...new Set([...needed, ...arns.flat()])].slice(0, Math.max(needed.size, MAX_ARNS)),
      });
      // What has no resources of its own needs `*`, and a statement to itself.
      const others = grant.actions.filter((action) => !limitable.includes(action)).map(({ name }) => name);
      const rest = { ...suggestedStatement(statement, { actions: others }), Resource: "*" };
      return [{ statement, message, fix: others.length === 0 ? fix : [fix, rest] }];
    }),
};

/** A statement to paste is one that a person reads. */
const MAX_NAMES = 20;
const MAX_ARNS = 8;
