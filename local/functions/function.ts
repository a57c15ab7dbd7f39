/** A Lambda function: its environments, its queue, its log lines. */
import { randomUUID } from "node:crypto";
import type { PolicyDocument } from "@serverless-chat/iam";
import type { Access, Caller } from "../access.ts";
import type { Reporter } from "../report.ts";
import { type Capacity, MOST_OF_ONE_FUNCTION } from "./capacity.ts";
import { ExecutionEnvironment, type Outcome } from "./environment.ts";
import type { FunctionSettings } from "./protocol.ts";

export interface Invoked {
  /** JSON: the result, or `{errorType, errorMessage, trace}`. */
  payload: string;
  failed: boolean;
  /** The reservation is used up; nothing ran. */
  throttled?: true;
}

/** How Lambda deals with events that it took on asynchronously. */
export interface EventInvokeConfig {
  /** Runs after the first one that failed, 0 to 2. */
  maximumRetryAttempts: number;
  maximumEventAgeSeconds: number;
  /** ARN of the queue that gets a record of each event that is given up. */
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
  /** Environment variables beside those that Lambda sets. */
  variables: Record<string, string>;
  /** Invocations at once; more are throttled. */
  reservedConcurrency?: number;
  /** ARN of the queue that gets the events that are given up. */
  deadLetterTarget?: string;
}

interface Surroundings {
  access: Access;
  capacity: Capacity;
  report: Reporter;
  region: string;
  endpoint: string;
  logGroupArn: string;
  logGroupExists: () => boolean;
}

interface Waiting {
  requestId: string;
  payload: string;
  resolve: (invoked: Invoked) => void;
}

export class LambdaFunction {
  /** Who may invoke it, one document for each `lambda.Permission`. */
  readonly permissions = new Map<string, PolicyDocument>();
  readonly settings: FunctionSettings;
  eventInvokeConfig = DEFAULT_EVENT_INVOKE_CONFIG;
  readonly #args: FunctionArgs;
  readonly #at: Surroundings;
  readonly #environments = new Set<ExecutionEnvironment>();
  readonly #waiting: Waiting[] = [];
  #saidWaiting = false;
  #mayLog: boolean | undefined;
  #ended = false;

  constructor(args: FunctionArgs, at: Surroundings) {
    this.#args = args;
    this.#at = at;
    this.settings = args.settings;
    at.capacity.add(this);
  }

  /** Its role, which Lambda takes on for it. */
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
   * Runs one event: in an idle environment, else in a new one, else when there is room.
   *
   * @param requestId that of an earlier run when it is tried again
   */
  invoke(payload: string, requestId: string = randomUUID()): Promise<Invoked> {
    const { reservedConcurrency } = this;
    if (reservedConcurrency !== undefined && this.#busy >= reservedConcurrency) {
      const errorMessage = "Rate Exceeded.";
      return Promise.resolve({
        payload: JSON.stringify({
          errorType: "TooManyRequestsException",
          errorMessage,
          reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
        }),
        failed: true,
        throttled: true,
      });
    }
    return new Promise((resolve) => {
      this.#waiting.push({ requestId, payload, resolve });
      this.startWaiting();
    });
  }

  /** Starts what waits, as far as there is room. */
  startWaiting(): void {
    while (this.#waiting.length > 0 && !this.#ended) {
      const environment = this.#idle() ?? this.#start();
      if (environment === undefined) {
        this.#sayWaiting();
        return;
      }
      void this.#run(environment, this.#waiting.shift() as Waiting);
    }
    this.#saidWaiting = false;
  }

  /** Since when its longest idle environment idles. */
  get oldestIdle(): number | undefined {
    const times = [...this.#environments].map(({ idleSince }) => idleSince).filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  endOldestIdle(): void {
    const oldest = [...this.#environments].find(({ idleSince }) => idleSince === this.oldestIdle);
    if (oldest === undefined) return;
    this.#environments.delete(oldest);
    void oldest.end();
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all([...this.#environments].map((environment) => environment.end()));
  }

  get #busy(): number {
    return this.#waiting.length + [...this.#environments].filter(({ idleSince }) => idleSince === undefined).length;
  }

  /** The one that worked last: the others may be given up. */
  #idle(): ExecutionEnvironment | undefined {
    const idle = [...this.#environments].filter(({ idleSince }) => idleSince !== undefined);
    return idle.sort((a, b) => (b.idleSince as number) - (a.idleSince as number))[0];
  }

  #start(): ExecutionEnvironment | undefined {
    if (this.#environments.size >= MOST_OF_ONE_FUNCTION || !this.#at.capacity.take()) return undefined;
    const { settings } = this;
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
    const environment = new ExecutionEnvironment(settings, this.#variables(logStream), logStream, (line) =>
      this.#log(logStream, line),
    );
    this.#log(logStream, "INIT_START Runtime Version: nodejs:24 local");
    this.#environments.add(environment);
    return environment;
  }

  async #run(environment: ExecutionEnvironment, { requestId, payload, resolve }: Waiting): Promise<void> {
    environment.idleSince = undefined;
    const cold = environment.initMs === undefined;
    this.#log("", `START RequestId: ${requestId} Version: $LATEST`);
    const started = performance.now();
    const outcome = await environment.run(requestId, payload);
    const ms = performance.now() - started;
    this.#logEnd(requestId, { ms, heapMb: outcome.heapMb, ...(cold ? { initMs: environment.initMs ?? 0 } : {}) });
    resolve(this.#invoked(outcome));
    if ("failure" in outcome && outcome.fatal) {
      if (this.#environments.delete(environment)) this.#at.capacity.give();
      return;
    }
    environment.idleSince = performance.now();
    this.startWaiting();
  }

  #invoked(outcome: Outcome): Invoked {
    if (!("failure" in outcome)) return { payload: outcome.payload, failed: false };
    return { payload: JSON.stringify(outcome.failure), failed: true };
  }

  #logEnd(requestId: string, { ms, heapMb, initMs }: { ms: number; heapMb: number; initMs?: number }): void {
    this.#log("", `END RequestId: ${requestId}`);
    const fields = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${ms.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(ms + (initMs ?? 0))} ms`,
      `Memory Size: ${this.settings.memoryMb} MB`,
      `Max Memory Used: ${heapMb} MB`,
      ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    ];
    this.#log("", fields.join("\t"));
  }

  /** Lambda writes log lines with the function's own role: without the right to, they are lost. */
  #log(logStream: string, line: string): void {
    this.#mayLog ??= this.#checkLogging(logStream);
    if (this.#mayLog) this.#at.report({ event: "log", group: this.settings.logGroup, line });
  }

  #checkLogging(logStream: string): boolean {
    const stream = `${this.#at.logGroupArn}:log-stream:${logStream}`;
    const refusals = ["logs:CreateLogStream", "logs:PutLogEvents"].filter(
      (action) => this.#at.access.refusal(this.#args.caller, action, stream) !== undefined,
    );
    if (!this.#at.logGroupExists()) {
      const message = `${this.settings.name} has no log group ${this.settings.logGroup}: its log lines are lost`;
      this.#at.report({ event: "warning", message });
    }
    return refusals.length === 0 && this.#at.logGroupExists();
  }

  #sayWaiting(): void {
    if (this.#saidWaiting) return;
    this.#saidWaiting = true;
    this.#at.report({
      event: "waiting",
      function: this.settings.name,
      invocations: this.#waiting.length,
      why: `${this.#environments.size} execution environments are all this machine gives it`,
    });
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
  #variables(logStream: string): Record<string, string> {
    const { settings, region, endpoint } = { ...this.#at, settings: this.settings };
    const credentials = this.#at.access.credentialsOf(this.#args.caller);
    return {
      ...this.#args.variables,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: settings.name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: settings.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      LAMBDA_TASK_ROOT: settings.folder,
      TZ: ":UTC",
      _HANDLER: settings.handler,
    };
  }
}
