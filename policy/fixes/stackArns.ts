/** ARNs of a stack's resources, for the fixes of its policies. */
import { canMatch, type ResourceType } from "@serverless-chat/iam";
import type { StackContext, StackResource } from "../resources/resource.ts";

/** If a stack has more resources of a type than this, a policy probably doesn't mean all of them. */
const MAX_RESOURCES = 3;

/** The service and the last part of a resource's ARN, derived from its name because the resource doesn't exist yet. */
const BY_NAME: Record<string, (name: string) => [service: string, rest: string]> = {
  "aws:dynamodb/table:Table": (name) => ["dynamodb", `table/${name}`],
  "aws:sqs/queue:Queue": (name) => ["sqs", name],
  "aws:sns/topic:Topic": (name) => ["sns", name],
  "aws:lambda/function:Function": (name) => ["lambda", `function:${name}`],
  "aws:kinesis/stream:Stream": (name) => ["kinesis", `stream/${name}`],
  "aws:sfn/stateMachine:StateMachine": (name) => ["states", `stateMachine:${name}`],
  "aws:cloudwatch/eventBus:EventBus": (name) => ["events", `event-bus/${name}`],
  "aws:cloudwatch/logGroup:LogGroup": (name) => ["logs", `log-group:${name}`],
  "aws:ssm/parameter:Parameter": (name) => ["ssm", `parameter/${name.replace(/^\//, "")}`],
  "aws:ecr/repository:Repository": (name) => ["ecr", `repository/${name}`],
};

const BUCKETS = /^aws:s3\/bucket(V2)?:/;

export class StackArns {
  /** ARNs by service, in sets because the engine passes resources more than once. */
  readonly #arns = new Map<string, Set<string>>();

  constructor(resources: StackResource[] = [], context: StackContext = {}) {
    for (const resource of resources) this.add(resource, context);
  }

  add(resource: StackResource, context: StackContext): void {
    for (const arn of arnsOf(resource, context)) {
      const [, , service = ""] = arn.split(":");
      this.#arns.set(service, (this.#arns.get(service) ?? new Set()).add(arn));
    }
  }

  /** The stack's ARNs of a type of resource; none if the stack has no such resource, or too many to choose from. */
  of({ arn: template }: ResourceType): string[] {
    const [, , service = ""] = template.split(":");
    const found: string[] = [];
    for (const arn of this.#arns.get(service) ?? []) {
      if (!hasSameForm(template, arn) || !canMatch(template, arn)) continue;
      found.push(arn);
      if (found.length > MAX_RESOURCES) return [];
    }
    return found;
  }
}

function arnsOf({ type, props }: StackResource, { region = "REGION", account = "ACCOUNT" }: StackContext): string[] {
  const { arn, name, bucket } = props;
  if (BUCKETS.test(type) && typeof bucket === "string") return [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  const [service, rest] = typeof name === "string" ? (BY_NAME[type]?.(name) ?? []) : [];
  const own =
    typeof arn === "string"
      ? arn
      : service === undefined
        ? undefined
        : `arn:aws:${service}:${region}:${account}:${rest}`;
  if (own === undefined) return [];
  return service === "logs" ? [own, `${own}:*`] : [own];
}

/** Whether an ARN has as many parts as its template: a bucket isn't an object, a table isn't its index. */
function hasSameForm(template: string, arn: string): boolean {
  const parts = (text: string) => text.split(":").slice(0, 6).join(":").split("/").length;
  // Names of parameters, log groups and repositories may contain slashes.
  return /(Parameter|LogGroup|Repository)\w*\}$/.test(template) || parts(template) === parts(arn);
}
