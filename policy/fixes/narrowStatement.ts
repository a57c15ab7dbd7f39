/** Narrows every part of an identity policy's statement as far as the document, the code and the stack allow. */
import { type Action, type Catalog, canMatch, matchesAction, type Statement } from "@serverless-chat/iam";
import { canApplyTo, hasResources, missingPart } from "../document/actionResources.ts";
import { canHoldFor, hasKey, limits } from "../document/conditions.ts";
import { isDenied } from "../document/denials.ts";
import { WIDTH } from "../document/scope.ts";
import { similarAction } from "../document/similarAction.ts";
import type { Grant, Subject } from "../document/subject.ts";
import { arnOf, suggestedStatement } from "../document/suggestedStatement.ts";
import type { StackArns } from "./stackArns.ts";

export interface KnownUse {
  /** Actions that the holders' code calls; undefined unless the code of all holders is known. */
  called?: Set<string>;
  /** ARNs of the stack's resources. */
  stackArns?: StackArns;
}

interface Part {
  action: string;
  resources: string[];
  condition: object | undefined;
}

/** Maximum number of actions and of types of ARNs in a fix, because nobody would check longer lists. */
const MAX_NAMES = 40;
const MAX_TYPES = 8;

/**
 * Replaces a statement with statements that name actions and resources. Placeholders in capital letters, such as
 * `s3:ACTION` and `TABLE_NAME`, stand for what only a person knows. A statement whose actions the code never calls is
 * removed.
 */
export function narrowStatement(grant: Grant, subject: Subject, use: KnownUse): object[] {
  const parts = actionsOf(grant, subject.catalog, use).flatMap((action) => partOf(action, grant, subject, use) ?? []);
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    const key = JSON.stringify([part.resources, part.condition]);
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  const { sid } = grant.statement;
  return [...groups.values()].map((group, i) => {
    const [{ resources, condition }] = group as [Part];
    const actions = group.map(({ action }) => action);
    const { Condition: _, ...statement } = suggestedStatement(grant.statement, { actions, resources }) as {
      Condition?: object;
    };
    return {
      ...statement,
      ...(sid === undefined || i === 0 ? {} : { Sid: `${sid}${i + 1}` }),
      ...(condition === undefined ? {} : { Condition: condition }),
    };
  });
}

/** Names of the actions to keep. A wildcard that matches a whole service, too many actions or none is a placeholder. */
function actionsOf({ statement, has }: Grant, catalog: Catalog, { called }: KnownUse): string[] {
  const { patterns, negated } = statement.action;
  if (called !== undefined) {
    const allowed = (name: string) => (negated ? !patterns.some((pattern) => matchesAction(pattern, name)) : has(name));
    return [...called].filter((name) => catalog.action(name) !== undefined && allowed(name)).sort();
  }
  if (negated) return ["SERVICE:ACTION"];
  const names = patterns.flatMap((pattern) => {
    const service = pattern.slice(0, pattern.indexOf(":")).toLowerCase();
    if (!/[*?]/.test(pattern))
      return (catalog.action(pattern) ?? similarAction(pattern, catalog))?.name ?? placeholder(service);
    const matching = catalog.matching(pattern).map(({ name }) => name);
    if (
      /^[^:]+:\?*\*[*?]*$/.test(pattern) ||
      !pattern.includes(":") ||
      matching.length === 0 ||
      matching.length > MAX_NAMES
    )
      return placeholder(service);
    return matching;
  });
  return [...new Set(names)];

  function placeholder(service: string): string {
    return `${catalog.hasService(service) ? service : "SERVICE"}:ACTION`;
  }
}

function partOf(name: string, grant: Grant, subject: Subject, use: KnownUse): Part | undefined {
  const { statement } = grant;
  const action = subject.catalog.action(name);
  if (action === undefined)
    return { action: name, resources: placeholdersFor(name, grant, subject), condition: conditionOf(statement) };
  // A wildcard also matches actions that the statement's resources or conditions never allow.
  const isNamed = statement.action.patterns.some((pattern) => pattern.toLowerCase() === name.toLowerCase());
  if (!isNamed && !canHoldFor(statement, action)) return undefined;
  // A denied action is dropped, and so is kms:PutKeyPolicy, because no ARN makes it harmless.
  if (isDenied(subject.document, name) || name === "kms:PutKeyPolicy") return undefined;
  const resources = resourcesOf(action, grant, subject, use, isNamed);
  return resources === undefined
    ? undefined
    : { action: name, resources, condition: conditionFor(action, grant, subject) };
}

/**
 * The resources that the statement names and that the action applies to; if there are none, ARNs of the types that the
 * action applies to.
 */
function resourcesOf(
  action: Action,
  { scopes, statement }: Grant,
  { context }: Subject,
  { stackArns }: KnownUse,
  isNamed: boolean,
): string[] | undefined {
  if (!hasResources(action)) return ["*"];
  const applicable = scopes.filter(({ pattern }) => canApplyTo(action, pattern));
  const named = applicable.filter(
    ({ pattern, scope }) => WIDTH[scope] < WIDTH.wide && missingPart(action, pattern) === undefined,
  );
  if (applicable.length === 0 && !isNamed) return undefined;
  if (statement.resource?.negated !== true && named.length > 0) return named.map(({ pattern }) => pattern);
  const meant = action.resources.filter(({ arn }) => applicable.some(({ pattern }) => canMatch(arn, pattern)));
  const types = meant.length > 0 ? meant : action.resources;
  const ofStack = types.flatMap((type) => stackArns?.of(type) ?? []);
  const arns = new Set(types.map((type) => arnOf(type, context)));
  const others = ofStack.length > 0 ? ofStack : [...arns].slice(0, MAX_TYPES);
  return [...new Set(others)];
}

/** Resource ARNs for an action, with placeholders that a person has to fill in. */
function placeholdersFor(name: string, { scopes, statement }: Grant, { context }: Subject): string[] {
  const { partition = "aws", region = "REGION", account = "ACCOUNT" } = context;
  const service = name.slice(0, name.indexOf(":"));
  const any = service === "s3" ? `arn:${partition}:s3:::NAME` : `arn:${partition}:${service}:${region}:${account}:NAME`;
  if (statement.resource?.negated) return [any];
  const patterns = scopes.map(({ pattern, scope }) => {
    if (WIDTH[scope] < WIDTH.wide) return pattern;
    const [arn, , of = "", itsRegion = "", itsAccount = "", ...rest] = pattern.split(":");
    if (arn !== "arn" || rest.length === 0 || /[*?]/.test(of)) return any;
    const parts = [/[*?]/.test(itsRegion) ? region : itsRegion, /[*?]/.test(itsAccount) ? account : itsAccount];
    return ["arn", partition, of, ...parts, rest.join(":").replace(/[*?]+/g, "NAME")].join(":");
  });
  return [...new Set(patterns)];
}

function conditionOf(statement: Statement): Record<string, object> | undefined {
  return (suggestedStatement(statement) as { Condition?: Record<string, object> }).Condition;
}

/** The statement's conditions and, for an action that allows escalation, one that makes it harmless. */
function conditionFor(action: Action, { statement }: Grant, subject: Subject): object | undefined {
  const { partition = "aws", account = "ACCOUNT" } = subject.context;
  const own = conditionOf(statement);
  const added =
    action.name === "iam:PassRole" && !limits(statement, /^iam:passedtoservice$/)
      ? { "iam:PassedToService": receiverOf(subject) }
      : hasKey(action, "iam:permissionsboundary") && !limits(statement, /^iam:permissionsboundary$/)
        ? { "iam:PermissionsBoundary": `arn:${partition}:iam::${account}:policy/BOUNDARY` }
        : undefined;
  if (added === undefined) return own;
  return { ...own, StringEquals: { ...own?.StringEquals, ...added } };
}

/** Services that a role is passed to, by the prefix of the action that passes it. */
const RECEIVERS = new Map(
  Object.entries({
    ...{ lambda: "lambda", ec2: "ec2", ecs: "ecs-tasks", states: "states", glue: "glue", codebuild: "codebuild" },
    ...{
      cloudformation: "cloudformation",
      sagemaker: "sagemaker",
      scheduler: "scheduler",
      codepipeline: "codepipeline",
    },
    ...{ firehose: "firehose", batch: "batch", events: "events", eks: "eks", apprunner: "build.apprunner" },
  }),
);

/** The service that roles are passed to, if the document's other actions leave only one possibility. */
function receiverOf({ grants }: Subject): string {
  const names = grants.flatMap(({ statement }) => statement.action.patterns);
  const services = new Set(
    names.flatMap((name) => RECEIVERS.get(name.slice(0, name.indexOf(":")).toLowerCase()) ?? []),
  );
  const [service = "SERVICE", ...others] = services;
  return `${others.length === 0 ? service : "SERVICE"}.amazonaws.com`;
}
