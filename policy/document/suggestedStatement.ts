/** Statements as they are to be pasted. */
import type { Action, ResourceType, Statement } from "@serverless-chat/iam";
import { hasResources } from "./actionResources.ts";
import type { DocumentContext } from "./subject.ts";

/** A statement as IAM wants it written, with some parts replaced. */
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

/** The statement for those of its actions that have resources, on those, whose names are to be filled in. */
export function onTheirResources(statement: Statement, actions: Action[], context: DocumentContext): object | string {
  const limitable = actions.filter(({ resources }) => resources.length > 0);
  if (limitable.length === 0)
    return "these actions are never about one resource: take them out, or let a role of its own have them";
  const arns = new Set(limitable.flatMap(({ resources }) => resources.map((type) => arnOf(type, context))));
  return suggestedStatement(statement, { actions: limitable.map(({ name }) => name), resources: [...arns] });
}

/** What allows these actions: a statement for each service, on its resources, whose names are to be filled in. */
export function allowing(actions: Action[], context: Pick<DocumentContext, "account" | "region">): object[] {
  const byService = new Map<string, Action[]>();
  for (const action of actions) {
    // What has no resources needs `*`, and a statement to itself.
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

/** The ARN of a resource of this type, with what is known of the stack filled in and names left to be. */
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
