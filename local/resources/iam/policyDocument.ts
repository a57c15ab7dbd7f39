/** `aws.iam.getPolicyDocument`, which the provider answers without AWS. */
import type { Inputs } from "../model.ts";

type Statement = Record<string, unknown>;

export function policyDocument({
  statements = [],
  sourcePolicyDocuments = [],
  overridePolicyDocuments = [],
  ...args
}: Inputs) {
  const { version = "2012-10-17", policyId } = args;
  const own = (statements as Inputs[]).map(statementOf);
  const all = [...statementsOf(sourcePolicyDocuments), ...own];
  // A statement of an override replaces the one with the same Sid.
  for (const statement of statementsOf(overridePolicyDocuments)) {
    const at = all.findIndex(({ Sid }) => Sid !== undefined && Sid === statement.Sid);
    if (at === -1) all.push(statement);
    else all[at] = statement;
  }
  const document = { Version: version, ...(policyId === undefined ? {} : { Id: policyId }), Statement: all };
  return {
    id: "document",
    json: JSON.stringify(document, undefined, 2),
    minifiedJson: JSON.stringify(document),
    version,
  };
}

function statementsOf(documents: string[]): Statement[] {
  return documents.flatMap((document): Statement[] => {
    const { Statement: written = [] } = JSON.parse(document) as { Statement?: Statement | Statement[] };
    return Array.isArray(written) ? written : [written];
  });
}

function statementOf({ sid, effect = "Allow", conditions = [], ...lists }: Inputs): Statement {
  const { actions, notActions, resources, notResources, principals, notPrincipals } = lists;
  return {
    ...(sid ? { Sid: sid } : {}),
    Effect: effect,
    ...listed("Action", actions),
    ...listed("NotAction", notActions),
    ...listed("Resource", resources),
    ...listed("NotResource", notResources),
    ...(principals?.length ? { Principal: principalOf(principals) } : {}),
    ...(notPrincipals?.length ? { NotPrincipal: principalOf(notPrincipals) } : {}),
    ...(conditions.length === 0 ? {} : { Condition: conditionOf(conditions) }),
  };
}

function listed(key: string, values: string[] | undefined): Statement {
  if (values === undefined || values.length === 0) return {};
  return { [key]: values.length === 1 ? values[0] : values };
}

function principalOf(principals: Inputs[]): unknown {
  if (principals.some(({ type }) => type === "*")) return "*";
  const types = new Map<string, string[]>();
  for (const { type, identifiers } of principals) types.set(type, [...(types.get(type) ?? []), ...identifiers]);
  return Object.fromEntries([...types].map(([type, all]) => [type, all.length === 1 ? all[0] : all]));
}

function conditionOf(conditions: Inputs[]): Statement {
  const operators = new Map<string, Map<string, string[]>>();
  for (const { test, variable, values } of conditions) {
    const keys = operators.get(test) ?? new Map<string, string[]>();
    operators.set(test, keys.set(variable, [...(keys.get(variable) ?? []), ...values]));
  }
  return Object.fromEntries(
    [...operators].map(([test, keys]) => [
      test,
      Object.fromEntries([...keys].map(([key, values]) => [key, values.length === 1 ? values[0] : values])),
    ]),
  );
}
