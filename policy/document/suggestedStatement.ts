/** Writes statements for the user to paste. */
import type { Action, ResourceType, Statement } from "@serverless-chat/iam";
import { hasResources } from "./actionResources.ts";
import type { DocumentContext } from "./subject.ts";

/** A statement in IAM's syntax, with some parts replaced. */
export function suggestedStatement(
  statement: Statement,
  changes: { actions?: string[]; resources?: string[] } = {},
): object {
  const { sid, effect, action, resource, principal, conditions } = statement;
  const actions = changes.actions ?? action.patterns;
  const resources = changes.resources ?? resource?.patterns;
  return {
    ...(sid === undefined ? {} : { Sid: sid }),
    Effect: effect,
    ...(principal === undefined
      ? {}
      : { [principal.negated ? "NotPrincipal" : "Principal"]: principalText(principal) }),
    [action.negated && changes.actions === undefined ? "NotAction" : "Action"]: actions,
    ...(resources === undefined
      ? {}
      : { [resource?.negated && changes.resources === undefined ? "NotResource" : "Resource"]: resources }),
    ...(conditions.length === 0 ? {} : { Condition: conditionText(conditions) }),
  };
}

/** The statement with some of its actions, and the ARNs of their resource types with placeholders for names. */
export function onTheirResources(statement: Statement, actions: Action[], context: DocumentContext): object {
  const arns = new Set(actions.flatMap(({ resources }) => resources.map((type) => arnOf(type, context))));
  return suggestedStatement(statement, { actions: actions.map(({ name }) => name), resources: [...arns] });
}

/** Statements that allow these actions, one per service, with placeholders for the names of resources. */
export function allowing(actions: Action[], context: Pick<DocumentContext, "account" | "region">): object[] {
  const byService = new Map<string, Action[]>();
  for (const action of actions) {
    // Actions without resource-level permissions need `*` and a separate statement.
    const service = hasResources(action) ? action.name.slice(0, action.name.indexOf(":")) : "*";
    byService.set(service, [...(byService.get(service) ?? []), action]);
  }
  return [...byService].map(([service, own]) => {
    const arns = new Set(own.flatMap(({ resources }) => resources.map((type) => arnOf(type, context))));
    return { Effect: "Allow", Action: own.map(({ name }) => name), Resource: service === "*" ? "*" : [...arns] };
  });
}

function principalText({ principals }: NonNullable<Statement["principal"]>): unknown {
  if (principals.some(({ kind }) => kind === "*")) return "*";
  const kinds = [...new Set(principals.map(({ kind }) => kind))];
  return Object.fromEntries(
    kinds.map((kind) => [kind, principals.filter((principal) => principal.kind === kind).map(({ value }) => value)]),
  );
}

function conditionText(conditions: Statement["conditions"]): object {
  const text: Record<string, Record<string, string[]>> = {};
  for (const { operator, key, values } of conditions) {
    text[operator] ??= {};
    (text[operator] as Record<string, string[]>)[key] = values;
  }
  return text;
}

/** The ARN of a resource of this type, with the partition, Region and account if known, and placeholders for names. */
export function arnOf(
  { arn }: ResourceType,
  { partition = "aws", region = "REGION", account = "ACCOUNT" }: Omit<DocumentContext, "kind">,
): string {
  const known: Record<string, string> = { Partition: partition, Region: region, Account: account };
  return arn.replace(
    /\$\{(\w+)\}/g,
    (_, name: string) => known[name] ?? name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase(),
  );
}
