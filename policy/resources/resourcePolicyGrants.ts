/** Finds the actions that resource policies allow a role, in addition to those that the role's own policies allow. */
import { matchesAction, type Statement } from "@serverless-chat/iam";
import { SOME_ARN } from "../document/scope.ts";
import { statementsOf } from "../document/statements.ts";
import { documentsOf } from "./policyDocuments.ts";
import type { StackResource } from "./resource.ts";
import { isNamed } from "./roles.ts";
import { isUnknown, withSomeArns } from "./unknown.ts";

/** Returns a predicate that tells whether one of the stack's resource policies allows the role an action. */
export function grantsByResourcePolicies(role: StackResource, resources: StackResource[]): (action: string) => boolean {
  const places = resources.flatMap((resource) => {
    const comesFromRole = Object.values(resource.propertyDependencies).some((urns) => urns.includes(role.urn));
    const policies = documentsOf(resource.type, resource.props).filter(({ kind }) => kind === "resource");
    return policies.map((place) => ({ ...place, comesFromRole }));
  });
  // A policy that isn't known yet but depends on the role most likely admits the role.
  const services = new Set(
    places.flatMap(({ document, service, comesFromRole }) => (isUnknown(document) && comesFromRole ? [service] : [])),
  );
  const statements = places.flatMap(({ document, comesFromRole }) =>
    isUnknown(document)
      ? []
      : statementsOf(withSomeArns(document)).filter((statement) => isFor(role, statement, comesFromRole)),
  );
  return (action) =>
    services.has(action.split(":")[0]) ||
    statements.some(({ action: { patterns } }) => patterns.some((pattern) => matchesAction(pattern, action)));
}

function isFor(role: StackResource, { effect, action, principal }: Statement, comesFromRole: boolean): boolean {
  if (effect !== "Allow" || action.negated || principal === undefined || principal.negated) return false;
  return principal.principals.some(
    ({ kind, value }) =>
      /^(AWS|\*)$/.test(kind) && (value === "*" || isNamed(role, value) || (value === SOME_ARN && comesFromRole)),
  );
}
