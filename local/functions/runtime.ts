/**
 * An execution environment as seen from its own thread, which loads a function's archive once and then runs one event
 * at a time. Between two events the thread blocks, which freezes work that wasn't awaited, as on Lambda.
 */
import { existsSync } from "node:fs";
import { createRequire, enableCompileCache } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { getHeapStatistics } from "node:v8";
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { patchOutgoing } from "./outgoing.ts";
import type { Failure, FromEnvironment, Invocation, WorkerData } from "./protocol.ts";
import { resolveAsLambda } from "./sdkOfRuntime.ts";
import { workIn } from "./workingDirectory.ts";

/** Lambda's limit for an answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_ANSWER_BYTES = 6_291_556;

const TOO_LARGE: Failure = {
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_ANSWER_BYTES} bytes).`,
};

type Callback = (error?: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback?: Callback) => unknown;

const { settings, logStream, compileCache, signal, apiHosts, sdkFrom } = workerData as WorkerData;
const port = parentPort as MessagePort;
let requestId = "";

const tell = (message: FromEnvironment) => port.postMessage(message);

for (const level of ["debug", "error", "info", "log", "trace", "warn"] as const) {
  const name = { debug: "DEBUG", error: "ERROR", info: "INFO", log: "INFO", trace: "TRACE", warn: "WARN" }[level];
  console[level] = (...args: unknown[]) =>
    tell({ kind: "log", line: `${new Date().toISOString()}\t${requestId}\t${name}\t${format(...args)}` });
}
for (const stream of [process.stdout, process.stderr]) {
  stream.write = ((text: string | Uint8Array) => {
    tell({ kind: "log", line: String(text).trimEnd() });
    return true;
  }) as typeof stream.write;
}
const exit = process.exit.bind(process);
process.exit = ((code = 0) => {
  tell({ kind: "exit", code: Number(code) });
  exit(Number(code));
}) as typeof process.exit;

enableCompileCache(compileCache);
patchOutgoing(apiHosts, (host, why) => tell({ kind: "unreachable", host, why }));
resolveAsLambda(settings.folder, sdkFrom);
workIn(settings.folder);
/** Ends the event of a handler with a callback when nothing is left to do. */
let onNothingLeft = () => {};
process.on("beforeExit", () => onNothingLeft());

const handler = await load();
if (handler !== undefined) {
  tell({ kind: "ready" });
  void serve(handler);
}

/** Not awaited: Node would print a warning of its own if an event's promise never settles. */
async function serve(handler: Handler): Promise<void> {
  for (;;) await run(handler, nextInvocation());
}

async function load(): Promise<Handler | undefined> {
  try {
    const [file, name] = splitHandler(settings.handler);
    const path = join(settings.folder, file);
    const extension = [".js", ".mjs", ".cjs"].find((candidate) => existsSync(`${path}${candidate}`));
    if (extension === undefined) throw missing(file);
    const exported = valueAt(await moduleAt(`${path}${extension}`), name);
    if (typeof exported === "function") return exported as Handler;
    throw Object.assign(new Error(`${settings.handler} is undefined or not exported`), {
      name: "Runtime.HandlerNotFound",
    });
  } catch (error) {
    tell({ kind: "initFailed", failure: loadFailureOf(error) });
    return undefined;
  }
}

/** A module that awaits at its top level can only be imported. */
async function moduleAt(path: string): Promise<unknown> {
  try {
    return createRequire(path)(path);
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
    return import(pathToFileURL(path).href);
  }
}

/** The error in Lambda's own words, which don't mention paths on this machine. */
function missing(file: string): Error {
  const error = new Error(`Cannot find module '${file}'\nRequire stack:\n- /var/runtime/index.mjs`);
  return Object.assign(error, { code: "MODULE_NOT_FOUND" });
}

/** Lambda's errors for the two ways that loading code can fail. */
function loadFailureOf(error: unknown): Failure {
  const failure = failureOf(error);
  const errorMessage = `${failure.errorType}: ${failure.errorMessage.split("\n")[0]}`;
  if ((error as { code?: string }).code === "MODULE_NOT_FOUND") {
    return { ...failure, errorType: "Runtime.ImportModuleError", errorMessage };
  }
  if (error instanceof SyntaxError) return { ...failure, errorType: "Runtime.UserCodeSyntaxError", errorMessage };
  return failure;
}

/** Finds a handler, which may be nested in the module's exports, as in `index.routes.connect`. */
function valueAt(exported: unknown, name: string): unknown {
  return name.split(".").reduce((value, key) => Object(value)[key], exported);
}

/** @throws Error if there is no dot between the file and the export */
function splitHandler(handler: string): [string, string] {
  const dot = handler.indexOf(".", handler.lastIndexOf("/") + 1);
  if (dot === -1) throw Object.assign(new Error("Bad handler"), { name: "Runtime.MalformedHandlerName" });
  return [handler.slice(0, dot), handler.slice(dot + 1)];
}

/** Blocks the thread until a message arrives. */
function nextInvocation(): Invocation {
  for (;;) {
    const seen = Atomics.load(signal, 0);
    const received = receiveMessageOnPort(port);
    if (received !== undefined) return received.message;
    Atomics.wait(signal, 0, seen);
  }
}

async function run(handler: Handler, invocation: Invocation): Promise<void> {
  requestId = invocation.requestId;
  onNothingLeft = () => {};
  const context = {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.name,
    functionVersion: "$LATEST",
    invokedFunctionArn: settings.arn,
    logGroupName: settings.logGroup,
    logStreamName: logStream,
    memoryLimitInMB: String(settings.memoryMb),
    getRemainingTimeInMillis: () => invocation.deadline - Date.now(),
  };
  try {
    const result = await answerOf(handler, JSON.parse(invocation.payload), context);
    const payload = JSON.stringify(result) ?? "null";
    const failure = Buffer.byteLength(payload) > MAX_ANSWER_BYTES ? TOO_LARGE : undefined;
    if (failure === undefined) tell({ kind: "result", payload, heapMb: heapMb() });
    else tell({ kind: "failed", failure, heapMb: heapMb() });
  } catch (error) {
    const failure = failureOf(error);
    console.error("Invoke Error", JSON.stringify({ ...failure, trace: undefined, stack: failure.trace }));
    tell({ kind: "failed", failure, heapMb: heapMb() });
  }
}

/** Calls a handler. Runtimes before Node.js 24 also support handlers with a callback. */
function answerOf(handler: Handler, event: unknown, context: object): Promise<unknown> {
  if (Number(/^nodejs(\d+)/.exec(settings.runtime)?.[1] ?? 24) >= 24) return Promise.resolve(handler(event, context));
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => (error ? reject(asError(error)) : resolve(result));
    const done = { succeed: resolve, fail: reject, done: callback };
    const returned = handler(event, { ...context, ...done }, callback);
    const isPromise = typeof (returned as { then?: unknown } | undefined)?.then === "function";
    if (isPromise) (returned as Promise<unknown>).then(resolve, reject);
    // A handler that doesn't return a promise answers through the callback, or with null once nothing is left to do.
    else onNothingLeft = () => resolve(null);
  });
}

function asError(error: unknown): unknown {
  return typeof error === "string" ? new Error(error) : error;
}

function heapMb(): number {
  return Math.ceil(getHeapStatistics().used_heap_size / 2 ** 20);
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: format(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}
