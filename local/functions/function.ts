/** A Lambda function: its environments, its waiting events, and its log. */
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { PolicyDocument } from "@serverless-chat/iam";
import type { Access } from "../access.ts";
import type { Caller } from "../identity/role.ts";
import { type Capacity, type EnvironmentOwner, MAX_ENVIRONMENTS_OF_FUNCTION } from "./capacity.ts";
import { ExecutionEnvironment } from "./environment.ts";
import { Environments } from "./environments.ts";
import { endLines, FunctionLog, type FunctionLogDeps } from "./functionLog.ts";
import { type Invoked, invokedOf, THROTTLED } from "./invoked.ts";
import type { FunctionSettings } from "./protocol.ts";
import { runtimeVariables } from "./runtimeVariables.ts";
import { type EventQueue, type Scheduler, SERVICE } from "./scheduler.ts";
import { WaitingEvents } from "./waitingEvents.ts";

/** After this time, a report says that events are waiting. */
const REPORT_WAITING_MS = 1_000;

/** Settings for asynchronous events. */
export interface EventInvokeConfig {
  /** Retries after the first failure, 0 to 2. */
  maximumRetryAttempts: number;
  maximumEventAgeSeconds: number;
  /** ARN of the queue that receives a record of each failed event. */
  onFailure?: string;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
export const DEFAULT_EVENT_INVOKE_CONFIG: EventInvokeConfig = {
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 21_600,
};

export interface FunctionArgs {
  settings: FunctionSettings;
  caller: Caller;
  /** Environment variables in addition to those that Lambda sets. */
  variables: Record<string, string>;
  /** Maximum number of concurrent invocations; more are throttled. */
  reservedConcurrency?: number;
  /** ARN of the queue that receives failed events. */
  deadLetterTarget?: string;
}

interface Deps extends FunctionLogDeps {
  access: Access;
  capacity: Capacity;
  scheduler: Scheduler;
  region: string;
  endpoint: string;
  /** Hosts of the APIs registered so far. */
  apiHosts: () => string[];
  sdkFrom: string[];
}

interface Waiting {
  requestId: string;
  payload: string;
  resolve: (invoked: Invoked) => void;
}

export class LambdaFunction implements EnvironmentOwner, EventQueue {
  /** The function's resource policy, one document for each `lambda.Permission`. */
  permissions = new Map<string, PolicyDocument>();
  settings: FunctionSettings;
  eventInvokeConfig = DEFAULT_EVENT_INVOKE_CONFIG;
  #args: FunctionArgs;
  readonly #deps: Deps;
  readonly #environments: Environments;
  readonly #waiting = new WaitingEvents<Waiting>();
  /** The time since which events have been waiting, by `performance.now()`; undefined if none are. */
  #waitingSince: number | undefined;
  #reportedWaiting = false;
  readonly #log: FunctionLog;
  readonly #unreachable = new Set<string>();
  #ended = false;

  constructor(args: FunctionArgs, deps: Deps) {
    this.#args = args;
    this.#deps = deps;
    this.settings = args.settings;
    this.#log = new FunctionLog(deps);
    this.#environments = new Environments(this, deps.capacity, () => this.#newEnvironment());
  }

  /** The session of its role, which Lambda assumes for it. */
  get caller(): Caller {
    return this.#args.caller;
  }

  get reservedConcurrency(): number | undefined {
    return this.#args.reservedConcurrency;
  }

  get deadLetterTarget(): string | undefined {
    return this.#args.deadLetterTarget;
  }

  /**
   * Runs one event in an idle environment, or in a new one as soon as there is room.
   *
   * @param requestId the request id of the first run if this is a retry
   * @param sender the client that caused it; clients take turns if events have to wait
   */
  invoke(payload: string, requestId: string = randomUUID(), sender = SERVICE): Promise<Invoked> {
    const { reservedConcurrency } = this;
    if (reservedConcurrency !== undefined && this.#waiting.size + this.#environments.busy >= reservedConcurrency) {
      return Promise.resolve(THROTTLED);
    }
    return new Promise((resolve) => {
      this.#waiting.push(sender, { requestId, payload, resolve });
      this.#waitingSince ??= performance.now();
      if (!this.#ended) this.#deps.scheduler.add(this);
    });
  }

  get nextSender(): string | undefined {
    return this.#waiting.nextSender;
  }

  runNext(): ExecutionEnvironment | undefined {
    const environment = this.#environments.take();
    if (environment === undefined) return undefined;
    void this.#run(environment, this.#waiting.shift() as Waiting);
    if (this.#waiting.size === 0) {
      this.#waitingSince = undefined;
      this.#reportedWaiting = false;
    }
    return environment;
  }

  reportWaiting(): void {
    const since = this.#waitingSince ?? Number.POSITIVE_INFINITY;
    if (this.#reportedWaiting || performance.now() - since < REPORT_WAITING_MS) return;
    this.#reportedWaiting = true;
    this.#deps.report({
      event: "waiting",
      function: this.settings.name,
      invocations: this.#waiting.size,
      why: this.#whyWaiting(),
    });
  }

  #whyWaiting(): string {
    const { busy, starting } = this.#environments;
    if (busy === MAX_ENVIRONMENTS_OF_FUNCTION) {
      return `this machine runs no more than ${busy} execution environments of it`;
    }
    if (starting > 0) return "an execution environment is still starting";
    return "other invocations use all cores of this machine";
  }

  get oldestIdle(): number | undefined {
    return this.#environments.oldestIdle;
  }

  endOldestIdle(): void {
    this.#environments.endOldestIdle();
  }

  /** Applies a new definition of the same function. Events in progress finish on the code that they started with. */
  become(next: LambdaFunction): void {
    const runsOn = ({ settings, variables, caller }: FunctionArgs) => ({ settings, variables, role: caller.role.arn });
    const current = { ...this.#args, settings: this.settings };
    const stays = isDeepStrictEqual(runsOn(current), runsOn(next.#args));
    this.permissions = next.permissions;
    this.eventInvokeConfig = next.eventInvokeConfig;
    this.settings = next.settings;
    this.#args = next.#args;
    this.#log.checkAgain();
    // The function's environments keep their access keys, which stand for the new role from now on.
    this.#deps.access.sessions.credentialsOf(this.caller);
    if (!stays) this.#environments.retire();
  }

  /** Runs new code, starting with the next event. */
  redeploy(folder: string): void {
    this.settings = { ...this.settings, folder };
    this.#environments.retire();
  }

  /** Called when the function has been deleted. Its events in progress finish. */
  retire(): void {
    this.#deps.capacity.remove(this);
    this.#environments.retire();
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#deps.scheduler.remove(this);
    this.#deps.capacity.remove(this);
    await this.#environments.endAll();
  }

  #newEnvironment(): ExecutionEnvironment {
    const { settings } = this;
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
    const { region, endpoint, access } = this.#deps;
    const credentials = access.sessions.credentialsOf(this.#args.caller);
    const variables = {
      ...this.#args.variables,
      ...runtimeVariables(settings, { region, endpoint, credentials, logStream }),
    };
    const environment = new ExecutionEnvironment({
      settings,
      variables,
      logStream,
      apiHosts: this.#deps.apiHosts(),
      sdkFrom: this.#deps.sdkFrom,
      onLog: (line) => this.#write(logStream, line),
      onUnreachable: (host, why) => this.#reportUnreachable(host, why),
    });
    this.#write(logStream, "INIT_START Runtime Version: nodejs:24 local");
    return environment;
  }

  async #run(environment: ExecutionEnvironment, { requestId, payload, resolve }: Waiting): Promise<void> {
    const cold = !environment.hasWorked;
    this.#write("", `START RequestId: ${requestId} Version: $LATEST`);
    const started = performance.now();
    const outcome = await environment.run(requestId, payload);
    const ms = performance.now() - started;
    const usage = { ms, heapMb: outcome.heapMb, ...(cold ? { initMs: environment.initMs ?? 0 } : {}) };
    const end = endLines(requestId, this.settings.memoryMb, usage);
    for (const line of end) this.#write("", line);
    resolve(invokedOf(outcome, { requestId, printed: environment.printed, end, folder: this.settings.folder }));
    environment.printed = [];
    if ("failure" in outcome && outcome.fatal) this.#environments.end(environment);
    else this.#environments.release(environment);
    this.#deps.scheduler.ended(environment);
  }

  /** Warns once per host. */
  #reportUnreachable(host: string, why: string): void {
    if (this.#unreachable.has(host)) return;
    this.#unreachable.add(host);
    const message = `${this.settings.name} could not reach ${host}: ${why}`;
    this.#deps.report({ event: "warning", message });
  }

  #write(logStream: string, line: string): void {
    const { name, logGroup } = this.settings;
    this.#log.write({ name, logGroup, caller: this.#args.caller, logStream }, line);
  }
}
