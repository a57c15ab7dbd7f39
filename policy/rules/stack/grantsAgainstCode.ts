/** Compares the actions that a function's code calls with those that its role allows. */
import type { Catalog } from "@serverless-chat/iam";
import { callsOf } from "../../code/cachedCalls.ts";
import { featureActions } from "../../code/features.ts";
import { codeOf } from "../../code/functionCode.ts";
import type { SdkCalls } from "../../code/sdkCalls.ts";
import { allowing } from "../../document/suggestedStatement.ts";
import type { StackResource } from "../../resources/resource.ts";
import { grantsOf, type RoleGrants } from "../../resources/roleGrants.ts";
import { FUNCTION, roleOf } from "../../resources/roles.ts";
import type { StackRule } from "../rule.ts";

interface Compared {
  lambda: StackResource;
  granted: RoleGrants;
  calls: SdkCalls;
  features: Set<string>;
}

/** Functions whose code and role are both known. */
function comparedIn(resources: StackResource[], catalog: Catalog): Compared[] {
  return resources
    .filter(({ type }) => type === FUNCTION)
    .flatMap((lambda) => {
      const code = codeOf(lambda.props);
      const role = roleOf(lambda, "role", resources);
      if (code === undefined || role === undefined) return [];
      return [
        {
          lambda,
          granted: grantsOf(role, lambda, resources, catalog),
          calls: callsOf(code, catalog),
          features: featureActions(lambda, resources),
        },
      ];
    });
}

export const missingGrant: StackRule = {
  id: "missing-grant",
  severity: "medium",
  title: "A function's code calls an action that its role doesn't allow",
  check: (resources, context, catalog) =>
    comparedIn(resources, catalog)
      .filter(({ granted }) => !granted.isPartial)
      .flatMap(({ lambda, granted, calls }) => {
        const unmet = calls.needs.filter((actions) => !actions.some((action) => granted.allows(action)));
        const missing = [...new Set(unmet.flat())];
        if (missing.length === 0) return [];
        const actions = missing.flatMap((name) => catalog.action(name) ?? []);
        const [statement = {}, ...others] = allowing(actions, context);
        return [
          {
            resource: lambda,
            message: `the code calls ${missing.join(", ")}, which the role doesn't allow, so the call will fail`,
            fix: others.length === 0 ? statement : [statement, ...others],
          },
        ];
      }),
};

export const unusedGrant: StackRule = {
  id: "unused-grant",
  severity: "medium",
  title: "A function's role allows an action that its code never calls",
  check: (resources, _, catalog) =>
    comparedIn(resources, catalog)
      .filter(({ calls }) => !calls.isPartial)
      .flatMap(({ lambda, granted, calls, features }) => {
        const isUsed = (action: string) => calls.actions.has(action) || features.has(action);
        // Wildcards have separate rules.
        const named = granted.grants.flatMap(({ statement, actions }) =>
          statement.action.patterns.some((pattern) => /[*?]/.test(pattern)) ? [] : actions.map(({ name }) => name),
        );
        const unused = [...new Set(named)].filter((action) => !isUsed(action));
        if (unused.length === 0) return [];
        return [
          {
            resource: lambda,
            message: `the role allows ${unused.join(", ")}, which neither the code nor a feature of the function uses`,
            fix: `remove ${unused.join(", ")} from the statement`,
          },
        ];
      }),
};

export const grantsAgainstCode: StackRule[] = [missingGrant, unusedGrant];
