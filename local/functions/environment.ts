/** An execution environment as seen from the main thread: its worker thread and current state. */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { Worker } from "node:worker_threads";
import folders from "../../cache/folders.cjs";
import { hashOf, TextCache } from "../../cache/textCache.cjs";
import type { Failure, FromEnvironment, FunctionSettings, Invocation, WorkerData } from "./protocol.ts";

/** The outcome of an event. */
export type Outcome =
  | { payload: string; heapMb: number }
  /** `fatal`: the environment can't be used anymore. */
  | { failure: Failure; heapMb: number; fatal: boolean };

const INIT_LIMIT_MS = 10_000;

const MAX_PRINTED_LINES = 20;

const RUNTIME = moduleUrl("runtime.ts");

/**
 * The module and the modules that it imports from this folder, as one URL. Types are stripped here, once: a thread that
 * does this itself needs 11 MB more, and there are many threads.
 */
function moduleUrl(file: string): URL {
  const source = readFileSync(new URL(file, import.meta.url), "utf8");
  const cache = new TextCache(folders.TRANSPILED);
  const key = hashOf(process.version, source);
  let stripped = cache.read(key);
  if (stripped === undefined) {
    stripped = stripTypeScriptTypes(source);
    cache.write(key, stripped);
  }
  const linked = stripped.replace(/ from "\.\/(\w+\.ts)"/g, (_, imported: string) => ` from "${moduleUrl(imported)}"`);
  // Stack traces show Lambda's file name, not the whole source.
  const named = `${linked}\n//# sourceURL=file:///var/runtime/${file.replace(/\.ts$/, ".mjs")}`;
  return new URL(`data:text/javascript,${encodeURIComponent(named)}`);
}

export interface EnvironmentArgs {
  settings: FunctionSettings;
  variables: Record<string, string>;
  logStream: string;
  /** See {@link WorkerData}. */
  apiHosts: string[];
  sdkFrom: string[];
  onLog: (line: string) => void;
  /** Called when an outgoing connection of the code fails. */
  onUnreachable: (host: string, why: string) => void;
}

export class ExecutionEnvironment {
  /** The time when it became idle, by `performance.now()`; undefined while it is working. */
  idleSince: number | undefined;
  /** The time when it was given its current or last event, by `performance.now()`. */
  busySince = 0;
  /** Whether its first event has ended. */
  hasWorked = false;
  /** The last lines of output from its latest invocation, including those of its start. */
  printed: string[] = [];
  /** Set if its code is outdated, so that it ends after its event. */
  retired = false;
  /** Start time, by `performance.now()`. */
  readonly startedAt = performance.now();
  /** Time that the environment took to start, including loading the code; undefined until then. */
  initMs: number | undefined;
  readonly #worker: Worker;
  readonly #signal: Int32Array;
  readonly #settings: FunctionSettings;
  /** Resolves when the code has been loaded or has failed to load. The first event reports the failure. */
  readonly started: Promise<void>;
  #settle: ((outcome: Outcome) => void) | undefined;
  #exitCode: number | undefined;
  #dead: Failure | undefined;

  constructor({ settings, variables, logStream, apiHosts, sdkFrom, onLog, onUnreachable }: EnvironmentArgs) {
    this.#settings = settings;
    this.#signal = new Int32Array(new SharedArrayBuffer(4));
    this.#worker = new Worker(RUNTIME, {
      name: settings.name,
      env: variables,
      workerData: {
        settings,
        logStream,
        compileCache: folders.COMPILED,
        apiHosts,
        sdkFrom,
        signal: this.#signal,
      } satisfies WorkerData,
      // Short-lived objects get little room, because there are many environments and each keeps the memory that it has
      // used.
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb, maxYoungGenerationSizeMb: 4 },
      execArgv: [],
    });
    this.started = new Promise((resolve) => {
      const limit = setTimeout(() => {
        this.#die({ errorType: "Sandbox.Timedout", errorMessage: "Init phase timed out after 10 seconds" });
        end();
      }, INIT_LIMIT_MS);
      const end = () => {
        clearTimeout(limit);
        this.initMs ??= performance.now() - this.startedAt;
        resolve();
      };
      this.#worker.on("message", (message: FromEnvironment) => {
        if (message.kind === "log") {
          this.printed.push(message.line);
          if (this.printed.length > MAX_PRINTED_LINES) this.printed.shift();
          onLog(message.line);
        }
        if (message.kind === "unreachable") onUnreachable(message.host, message.why);
        if (message.kind === "initFailed") this.#die(message.failure);
        if (message.kind === "exit") this.#exitCode = message.code;
        if (message.kind === "result") this.#done({ payload: message.payload, heapMb: message.heapMb });
        if (message.kind === "failed") {
          // A handler that fails leaves its environment usable.
          this.#done({ failure: message.failure, heapMb: message.heapMb, fatal: false });
        }
        if (message.kind === "ready" || message.kind === "initFailed") end();
      });
      this.#worker.on("error", (error) => this.#die(failureOfThread(error)));
      this.#worker.on("exit", () => {
        this.#die(this.#endOfProcess());
        end();
      });
    });
  }

  /** Runs one event; the environment must be idle. */
  async run(requestId: string, payload: string): Promise<Outcome> {
    await this.started;
    if (this.#dead !== undefined) return { failure: this.#dead, heapMb: 0, fatal: true };
    const limitMs = this.#settings.timeoutSeconds * 1000;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        const seconds = this.#settings.timeoutSeconds.toFixed(2);
        this.#die({
          errorType: "Sandbox.Timedout",
          errorMessage: `Task timed out after ${seconds} seconds`,
        });
      }, limitMs);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        resolve(namingRequest(outcome, requestId));
      };
      this.#worker.postMessage({ requestId, payload, deadline: Date.now() + limitMs } satisfies Invocation);
      Atomics.add(this.#signal, 0, 1);
      Atomics.notify(this.#signal, 0);
    });
  }

  /** Ends the thread, whatever it is doing. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #done(outcome: Outcome): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }

  #die(failure: Failure): void {
    this.#dead ??= failure;
    this.#done({ failure: this.#dead, heapMb: 0, fatal: true });
    void this.#worker.terminate();
  }

  /** The failure of a thread that ended by itself: the code exited, or waited for something that can't happen. */
  #endOfProcess(): Failure {
    if (this.#exitCode === undefined) {
      return { errorType: "Runtime.NodeJsExit", errorMessage: "The handler's promise was never settled" };
    }
    const how = this.#exitCode === 0 ? "without providing a reason" : `with error: exit status ${this.#exitCode}`;
    return { errorType: "Runtime.ExitError", errorMessage: `Runtime exited ${how}` };
  }
}

/** The code ran out of memory, or didn't handle an error. */
function failureOfThread(error: unknown): Failure {
  const { code, name, message, stack } = Object(error) as Partial<NodeJS.ErrnoException>;
  if (code === "ERR_WORKER_OUT_OF_MEMORY") {
    return { errorType: "Runtime.OutOfMemory", errorMessage: "Runtime exited with error: signal: killed" };
  }
  const errorMessage = message === undefined ? `${error}` : `${name}: ${message}`;
  return { errorType: "Runtime.UnhandledPromiseRejection", errorMessage, trace: (stack ?? "").split("\n") };
}

/** Adds the request id to failures outside the handler's code, as Lambda does. */
function namingRequest(outcome: Outcome, requestId: string): Outcome {
  if (!("failure" in outcome) || !outcome.fatal || outcome.failure.trace !== undefined) return outcome;
  const { failure } = outcome;
  return {
    ...outcome,
    failure: { ...failure, errorMessage: `RequestId: ${requestId} Error: ${failure.errorMessage}` },
  };
}
