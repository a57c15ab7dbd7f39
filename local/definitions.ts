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
  /** Roles by name. */
  readonly roles = new Map<string, Role>();
  /** Managed policies by ARN. */
  readonly managedPolicies = new Map<string, PolicyDocument>();
  /** Functions by name. */
  readonly functions = new Map<string, LambdaFunction>();
  readonly logGroups = new Set<string>();
  /** Tables by name. */
  readonly tables = new Map<string, TableDefinition>();
  /** Queues by ARN. */
  readonly queues = new Map<string, Queue>();
  /** Topics by ARN. */
  readonly topics = new Map<string, Topic>();
  /** Buckets by name. */
  readonly buckets = new Map<string, Bucket>();
  /** Event sources by id. */
  readonly eventSources = new Map<string, EventSource>();
  /** Names of the event buses besides the default one. */
  readonly eventBuses = new Set<string>();
  /** Ids of the user pools. */
  readonly userPools = new Set<string>();
  /** Rules by ARN. */
  readonly rules = new Map<string, Rule>();
  /** WebSocket APIs by id. */
  readonly apis = new Map<string, ApiDefinition>();
  /** HTTP APIs and REST APIs, by id. */
  readonly httpApis = new Map<string, HttpApi>();
}
