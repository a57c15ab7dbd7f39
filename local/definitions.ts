import type { PolicyDocument } from "@serverless-chat/iam";
import type { Bucket } from "./buckets/bucket.ts";
import type { EventSource } from "./eventSources/eventSource.ts";
import type { LambdaFunction } from "./functions/function.ts";
import type { ApiDefinition } from "./gateway/definition.ts";
import type { HttpApi } from "./httpApi/definition.ts";
import type { Role } from "./identity/role.ts";
import type { Queue } from "./queues/queue.ts";
import type { Rule } from "./schedules/rule.ts";
import type { TableDefinition } from "./store/tables.ts";
import type { Topic } from "./topics/topic.ts";

/** Everything that a program defines. */
export class Definitions {
  /** By name. */
  readonly roles = new Map<string, Role>();
  /** By ARN. */
  readonly managedPolicies = new Map<string, PolicyDocument>();
  /** By name. */
  readonly functions = new Map<string, LambdaFunction>();
  readonly logGroups = new Set<string>();
  /** By name. */
  readonly tables = new Map<string, TableDefinition>();
  /** By ARN. */
  readonly queues = new Map<string, Queue>();
  /** By ARN. */
  readonly topics = new Map<string, Topic>();
  /** By name. */
  readonly buckets = new Map<string, Bucket>();
  /** By id. */
  readonly eventSources = new Map<string, EventSource>();
  /** Names of the event buses besides the default one. */
  readonly eventBuses = new Set<string>();
  /** Ids. */
  readonly userPools = new Set<string>();
  /** By ARN. */
  readonly rules = new Map<string, Rule>();
  /** By id. */
  readonly apis = new Map<string, ApiDefinition>();
  /** HTTP APIs and REST APIs, by id. */
  readonly httpApis = new Map<string, HttpApi>();
}
